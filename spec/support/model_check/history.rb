# frozen_string_literal: true

require "support/model_check/account"
require "support/model_check/explanation"
require "support/model_check/operation"

module ModelCheck
  # What the logs of one run say, against the model of a session.
  class History
    # Where an operation's end is not known.
    NEVER = Float::INFINITY
    # The id of a session that was perhaps renewed.
    UNKNOWN = "an id that no client knows"
    private_constant :NEVER, :UNKNOWN

    # @param plan [Plan]
    # @param events [Array<Hash>] from {Log.read}
    # @param rows [Array<Array>] what lies in the table at the end: id, data or nil, when it was looked up
    # @param repeated [Boolean] whether what was not answered was sent again
    def initialize(plan, events, rows, repeated:)
      @plan = plan
      @repeated = repeated
      @accounts = events.group_by { |event| event["request"] }.map { |name, own| Account.new(name, own) }
      @operations = Hash.new { |hash, id| hash[id] = [] }
      @successors = {}
      @accounts.each { |account| read(account) }
      rows.each { |id, data, at| add("the table", id, Operation.load(id, data), at..at) }
    end

    # @return [Integer] how many requests had their session saved
    def saved
      @accounts.count(&:answer)
    end

    # @return [Array<String>] what must not be
    def violations
      @accounts.flat_map { |account| account.problems(@plan) } +
        sessions.filter_map { |operations| Explanation.new(operations).problem }
    end

    private

    # The operations on each session, under all of its ids.
    def sessions
      @operations.group_by { |id, _| last_id(id) }.values.map { |parts| parts.flat_map(&:last) }
    end

    def last_id(id)
      id = @successors[id] while @successors[id]
      id
    end

    def add(name, id, operation, time, required: true)
      @operations[id] << Operation.new(request: name, start: time.begin, finish: time.end, required:, **operation)
    end

    def read(account)
      read_load(account) if account.loaded?
      read_destruction(account) if account.at("destroy") && account.cookie
      return unless account.committed?

      account.continued? ? read_commit(account) : read_creation(account)
    end

    def read_commit(account)
      read_save(account) if account.changed?
      read_excuse(account) if account.silent?
    end

    # What was created without an answer is under an id that no client knows.
    def read_creation(account)
      id = account.answer
      add(account.name, id, Operation.create(id, account.left), commit_time(account)) if id
    end

    def read_load(account)
      id = account.cookie
      add(account.name, id, Operation.load(id, account.seen), account.at("start")..account.at("loaded"))
    end

    def read_destruction(account)
      id = account.cookie
      finish = account.at("destroyed")
      add(account.name, id, Operation.destroy(id), account.at("destroy")..(finish || NEVER), required: !finish.nil?)
    end

    # No cookie, and no error: that there is no session any more is the only excuse; or, where nothing was to be saved,
    # that the lock was lost.
    def read_excuse(account)
      return if @plan.locking? && !account.changed?

      add(account.name, account.cookie, Operation.load(account.cookie, nil), commit_time(account))
    end

    def read_save(account)
      from = account.cookie
      to = account.renew? ? account.answer || UNKNOWN : from
      operation = Operation.save(from, to, account.left, change(account))
      if account.answer
        @successors[from] = to unless to == from
        add(account.name, from, operation, commit_time(account))
      end
      return unless doubtful?(account)

      finish = account.answer ? account.at("end") : NEVER
      add(account.name, from, operation, account.at("done")..finish, required: false)
    end

    # Whether an attempt to save may have been carried out that nobody knows of. Where what was not answered is sent
    # again, each save may have been two: the second found what others did in between.
    def doubtful?(account)
      @repeated || !(account.answer || account.silent?)
    end

    def commit_time(account)
      account.at("done")..account.at("end")
    end

    # What a save makes of the data that it finds.
    def change(account)
      base = account.seen
      mine = account.left
      return ->(now) { now == base ? mine : :impossible } if @plan.locking? || @plan.on_conflict == :raise
      return ->(_) { mine } if @plan.on_conflict == :overwrite

      changed = mine.reject { |key, value| base[key] == value }
      deleted = base.keys - mine.keys
      ->(now) { now.merge(changed).except(*deleted) }
    end
  end
end
