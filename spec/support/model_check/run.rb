# frozen_string_literal: true

require "fileutils"
require "securerandom"
require "tmpdir"
require "support/model_check/client"
require "support/model_check/faults"
require "support/model_check/history"
require "support/model_check/log"
require "support/model_check/middleware"
require "support/model_check/plan"

module ModelCheck
  # One run of the model check: carries out the plan of a seed, and checks what came of it.
  #
  #   run = ModelCheck::Run.new(1234, mode: :turns, options: engine.options)
  #   run.report # => nil
  #
  # In the mode `:turns` the clients are fibers of one thread, and at each call to DynamoDB a random one goes on: the
  # same seed does exactly the same again. In the others they are threads of this process, or of several, one of which
  # may be killed; the same seed then does the same requests again, with other luck.
  class Run
    PROCESSES = 3
    private_constant :PROCESSES

    # @return [Plan]
    attr_reader :plan

    # @param seed [Integer]
    # @param mode [Symbol]
    # @param options [Hash] of an engine, with a table
    # @param mutant [Class, nil] one of {MUTANTS}, to be found
    def initialize(seed, mode:, options:, mutant: nil)
      @seed = seed
      @mode = mode
      @options = options
      @mutant = mutant
      @plan = Plan.new(seed, overlapping: mode != :turns)
    end

    # @return [History]
    def history
      @history ||= Dir.mktmpdir do |folder|
        @folder = folder
        carry_out
        events = Log.read(Dir.glob("#{folder}/*.log"))
        History.new(plan, events, rows(events), repeated: @repeated)
      end
    rescue StandardError => e
      raise "seed #{@seed} (#{plan}): #{e.class}: #{e.message}"
    end

    # @return [String, nil] what went against the promises
    def report
      violations = history.violations
      "seed #{@seed} (#{plan}):\n#{violations.join("\n")}" unless violations.empty?
    end

    # @return [Integer] how many requests there were
    def size
      plan.clients.sum(&:size)
    end

    private

    def carry_out
      in_threads("begin", [plan.beginnings], store(@options))
      case @mode
      when :turns then in_turns
      when :threads then with_faults { |options| in_threads("client", plan.clients, store(options)) }
      when :processes then with_faults { |options| in_processes(options) }
      end
    end

    def with_faults(&)
      # The embedded engine has no network.
      return yield(@options) if plan.fault_rate.zero? || @options[:endpoint].start_with?("embedded")

      # The SDK sends again what is not answered.
      @repeated = true
      Faults.before(@options, plan.fault_rate, @seed, &)
    end

    def store(options)
      options = { **options, **plan.options, secret_key: "the secret key of the model check",
                                             error_handler: Client::ERRORS }
      Middleware.new(Client::APPLICATION, options) do |native|
        native = yield(native) if block_given?
        @mutant ? @mutant.new(native) : native
      end
    end

    def client(name, store, pause)
      log = Log.new("#{@folder}/#{name}.log")
      Client.new(name, store:, log:, browsers: Browsers.new(@folder), pause:)
    end

    def in_threads(name, clients, store)
      clients.each_with_index.map do |requests, number|
        Thread.new { client("#{name} #{number}", store, method(:sleep)).run(requests) }
      end.each(&:join)
    end

    def in_turns
      random = Random.new(@seed)
      store = store(@options) { |native| TurnTaking.new(native, random, plan.fault_rate) }
      fibers = plan.clients.each_with_index.map do |requests, number|
        client = client("client #{number}", store, ->(_) { Fiber.yield })
        Fiber.new { client.run(requests) }
      end
      until fibers.empty?
        fibers[random.rand(fibers.size)].resume
        fibers.select!(&:alive?)
      end
    end

    # Half of the runs lose one of the processes in the middle.
    def in_processes(options)
      pids = Array.new(PROCESSES) { |number| fork { in_a_process(number, options) } }
      Process.kill(:KILL, pids.first) if @seed.odd? && sleep(Random.new(@seed).rand(0.05..0.35))
      Timeout.timeout(60) do
        failed = pids.map { |pid| Process.wait2(pid).last.exitstatus }.include?(1)
        raise "a process failed" if failed
      end
    end

    def in_a_process(number, options)
      clients = plan.clients.select.with_index { |_, index| index % PROCESSES == number }
      in_threads("process #{number} client", clients, store(options))
      # Without what this process does at its own exit.
      exit!(0)
    ensure
      exit!(1)
    end

    # What lies in the table under every id that any client was given.
    def rows(events)
      events.filter_map { |event| event["cookie"] }.uniq.map do |id|
        row = Aws::SessionStore::DynamoDB::Table.item(id, @options)
        [id, row && JSON.parse(row.dig("data", "S") || "{}"), ModelCheck.now]
      end
    end
  end
end
