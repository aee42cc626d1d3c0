# frozen_string_literal: true

module Aws::SessionStore::DynamoDB::Errors
  # Raises what only the configuration can mend; all else is raised with `raise_errors: true`, and otherwise written to
  # `rack.errors` while the request goes on.
  class DefaultHandler < BaseHandler
    # Raised whatever `raise_errors` says: no request will succeed until somebody changes something.
    HARD_ERRORS = [
      ConfigurationError,
      MissingSecretKeyError,
      AccessDeniedException,
      ExpiredTokenException,
      InvalidSignatureException,
      MissingAuthenticationTokenException,
      ResourceNotFoundException,
      UnrecognizedClientException,
      ValidationException
    ].freeze

    # A client of the user's own raises its own classes: those are known by their code.
    HARD_CODES = HARD_ERRORS.select { |error| error <= ServiceError }.map { |error| error.name.split("::").last }.freeze
    private_constant :HARD_CODES

    BACKTRACE_LINES = 5
    private_constant :BACKTRACE_LINES

    # @param raise_errors [Boolean] whether to raise all errors
    def initialize(raise_errors)
      super()
      @raise_errors = raise_errors
    end

    # @param error [StandardError]
    # @param env [Hash, nil] the Rack environment
    # @return [false] the error was written to `rack.errors`, or to $stderr where there is none
    # @raise [StandardError] the error itself
    def handle_error(error, env = {})
      raise error if raise?(error)

      ((env && env["rack.errors"]) || $stderr).puts(describe(error))
      false
    end

    private

    # Anybody can send a forged cookie: if that raised, anybody could make the application fail.
    def raise?(error)
      return false if error.is_a?(InvalidIDError)

      @raise_errors || HARD_ERRORS.any? { |hard| error.is_a?(hard) } ||
        (error.respond_to?(:code) && HARD_CODES.include?(error.code))
    end

    def describe(error)
      lines = ["#{error.class}: #{error.message}"]
      lines[0] += " (request #{error.request_id})" if error.respond_to?(:request_id) && error.request_id
      return lines if error.is_a?(InvalidIDError)

      lines + (error.backtrace || []).first(BACKTRACE_LINES).map { |line| "  #{line}" }
    end
  end
end
