# frozen_string_literal: true

module ModelCheck
  # What the log says of one request.
  class Account
    # What may go wrong where the network has faults.
    FAULTS = %w[NetworkError ThrottlingException InternalServerError].freeze
    private_constant :FAULTS

    # @return [String]
    attr_reader :name

    # @param name [String]
    # @param events [Array<Hash>] the request's, from {Log.read}
    def initialize(name, events)
      @name = name
      @events = events.to_h { |event| [event["event"], event] }
    end

    # @return [Float, nil] when an event happened
    def at(event)
      @events.dig(event, "at")
    end

    # @return [String, nil] the cookie of the request
    def cookie
      @events.dig("start", "cookie")
    end

    # @return [String, nil] the cookie of the response: it says that the session is saved
    def answer
      @events.dig("end", "cookie")
    end

    # @return [Hash, nil] the session as it was loaded; nil: that there is none
    def seen
      @events.dig("loaded", "session")
    end

    # @return [Hash] the session as the application left it
    def left
      @events.dig("done", "session")
    end

    # @return [Boolean] whether the session was looked for, and an answer came
    def loaded?
      !at("loaded").nil? && !cookie.nil? && !load_failed?
    end

    def load_failed?
      @events.dig("loaded", "failed") || false
    end

    # @return [Boolean] whether the application came to its end, and wanted its changes saved
    def committed?
      at("done") && !@events.dig("done", "skip")
    end

    def renew?
      @events.dig("done", "renew")
    end

    # @return [Boolean] whether it went on with the session of its cookie
    def continued?
      loaded? && !seen.nil? && !at("destroy")
    end

    # @return [Boolean] whether there was anything to save in the session of its cookie
    def changed?
      renew? || left != seen
    end

    # @return [Boolean] whether it was answered without a cookie, and without an error for the handler
    def silent?
      at("end") && !answer && errors.empty?
    end

    # @param plan [Plan]
    # @return [Array<String>] what is wrong with this request, whatever the others did
    def problems(plan)
      [foreign_data, *(answer_problems(plan) if at("end"))].compact.map { |problem| "#{name} #{problem}" }
    end

    private

    def errors
      @events.dig("end", "errors").map { |error| error.split("::").last }
    end

    def foreign_data
      user = @events.dig("start", "user")
      foreign = seen.to_h.reject { |_, (owner, _)| owner == user }
      "of #{user} sees #{foreign}" unless foreign.empty?
    end

    def answer_problems(plan)
      status = @events.dig("end", "status")
      unexpected = errors - allowed_errors(plan)
      [
        ("was answered with #{status}" unless status == 200),
        ("was told of #{unexpected.join(", ")}" unless unexpected.empty?),
        *(wrong_cookie if answer && at("done"))
      ]
    end

    # A cookie that signs a user out, or is good for nothing.
    def wrong_cookie
      same = answer == cookie
      return ("got no new id" if same) if renew?

      keeps = continued? || (load_failed? && !at("destroy"))
      "got #{same ? "a cookie for a session that there is not" : "a new id that nobody asked for"}" if same != keeps
    end

    def allowed_errors(plan)
      [*("ConflictError" unless plan.on_conflict == :overwrite),
       *(%w[LockWaitTimeoutError LockLostError] if plan.locking?),
       *(FAULTS if plan.fault_rate.positive?)]
    end
  end
end
