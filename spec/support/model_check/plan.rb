# frozen_string_literal: true

module ModelCheck
  # What one run does: options of the session store, faults, users, and the requests of each client. All of it is made
  # from the seed, so that the same seed does the same again.
  class Plan
    # One request.
    #
    # @!attribute user [String] whose browser sends it
    # @!attribute stale [Float, nil] not with the browser's cookie but with one that it had before: which, from 0 to 1
    # @!attribute steps [Array<Array>] what the application does, such as [[:set, "a"], [:pause, 0.01], [:renew]]
    # @!attribute timeout [Float, nil] seconds after which it is interrupted
    Request = Struct.new(:user, :stale, :steps, :timeout, keyword_init: true)

    USERS = %w[ada bob eve].freeze
    KEYS = %w[a b c].freeze
    # Each kind of request, as often as it stands here.
    KINDS = %i[set set set set set set set count count delete delete delete clear read read
               renew renew destroy destroy replace skip fail].freeze
    private_constant :USERS, :KEYS, :KINDS

    # @return [Integer]
    attr_reader :seed

    # @return [Hash] of Configuration, and Rack's
    attr_reader :options

    # @return [Float] the share of calls that fail
    attr_reader :fault_rate

    # @return [Array<Array<Request>>] the requests of each client, one after the other
    attr_reader :clients

    # @param seed [Integer]
    # @param overlapping [Boolean] whether requests really run at the same time: then they may wait for locks, and be
    #   interrupted
    def initialize(seed, overlapping:)
      @seed = seed
      @overlapping = overlapping
      @random = Random.new(seed)
      @users = USERS.first(one_of(1, 1, 2, 3))
      @options = store_options
      @fault_rate = one_of(0, 0, 0.05, 0.15)
      @clients = Array.new(@random.rand(2..5)) { Array.new(@random.rand(3..8)) { request } }
    end

    # @return [Array<Request>] one of each user, before all others: the sessions begin
    def beginnings
      @users.map { |user| Request.new(user:, steps: [[:set, KEYS.first]]) }
    end

    # @return [Boolean] whether a request has the session to itself
    def locking?
      @options[:enable_locking]
    end

    # @return [Symbol]
    def on_conflict
      @options[:on_conflict]
    end

    def to_s
      "#{on_conflict}#{", locking" if locking?}, #{(fault_rate * 100).round} % faults, #{@users.size} users, " \
        "#{clients.size} clients, #{clients.sum(&:size)} requests"
    end

    private

    def one_of(*values)
      values[@random.rand(values.size)]
    end

    def store_options
      locking = @random.rand < 0.25
      # With a lifetime each saved response has a cookie: the client knows that it was saved.
      { on_conflict: one_of(:merge, :merge, :merge, :overwrite, :raise), enable_locking: locking, expire_after: 3600,
        touch_interval: one_of(0, 60), lock_expiry_time: 400, lock_retry_delay: 5,
        lock_max_wait_time: @overlapping ? 5 : 0 }
    end

    def request
      stale = @random.rand if @random.rand < 0.1
      timeout = @random.rand * 0.05 if @overlapping && @random.rand < 0.04
      Request.new(user: one_of(*@users), stale:, timeout:, steps: steps.flat_map { |step| paced(step) })
    end

    def steps
      case kind = one_of(*KINDS)
      when :read then []
      when :set, :delete then Array.new(@random.rand(1..2)) { [kind, one_of(*KEYS)] }
      when :renew, :fail, :skip then [[kind], [:set, one_of(*KEYS)]].first(@random.rand(1..2))
      when :replace then [[:destroy], [:set, one_of(*KEYS)]]
      else [[kind]]
      end
    end

    # Most of what goes wrong goes wrong between loading and saving.
    def paced(step)
      @random.rand < 0.6 ? [[:pause, @random.rand * 0.02], step] : [step]
    end
  end
end
