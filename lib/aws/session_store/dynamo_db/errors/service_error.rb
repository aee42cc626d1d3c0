# frozen_string_literal: true

module Aws::SessionStore::DynamoDB::Errors
  # DynamoDB answered with an error. There is a subclass for each code of DynamoDB; a code without one is a plain
  # ServiceError, whose message begins with the code.
  #
  # Where the aws-sdk-dynamodb gem is loaded, what {ServiceError.for} returns is an object of that gem's class of the
  # same code, so that `rescue Aws::DynamoDB::Errors::X` goes on working. `rescue`, `case` and `is_a?` match
  # it with our classes too.
  class ServiceError < Error
    # @return [String] DynamoDB's error code, such as "ThrottlingException"
    attr_reader :code

    # @return [String, nil] the id that AWS support asks for
    attr_reader :request_id

    class << self
      # Builds the error of DynamoDB's code.
      #
      # @param code [String, nil] "ThrottlingException"; a namespace before "#" is dropped
      # @param message [String, nil] DynamoDB's message
      # @param request_id [String, nil]
      # @return [ServiceError] of the code's class
      # @example
      #   raise ServiceError.for("ThrottlingException", "Rate exceeded", "4KBNVRGD25RG1KEO9UT4V3FQDJVV4KQ")
      def for(code, message, request_id = nil)
        code = code.to_s.split("#").last || "UnknownError"
        ours = class_of(code)
        message = ours.explain(code, message.to_s)
        sdk = sdk_class(code)
        return ours.new(message, code:, request_id:) unless sdk

        # The gem's errors take the context of the gem's own request first: there is none.
        sdk.new(nil, message).extend(SdkError).describe(ours, code, request_id)
      end

      # DynamoDB's message, and what to do about it.
      #
      # @api private
      def explain(code, message)
        message = [(code unless name.end_with?("::#{code}")), message].compact.reject(&:empty?).join(": ")
        message = code if message.empty?
        const_defined?(:ADVICE, false) ? "#{message} (#{self::ADVICE})" : message
      end

      private

      def class_of(code)
        errors = Aws::SessionStore::DynamoDB::Errors
        return self unless code.match?(/\A[A-Z]\w*\z/) && errors.const_defined?(code, false)

        found = errors.const_get(code, false)
        found.is_a?(Class) && found <= ServiceError ? found : self
      end

      # The gem makes the class of a code when it is first asked for it.
      def sdk_class(code)
        return unless defined?(::Aws::DynamoDB::Errors)

        ::Aws::DynamoDB::Errors.const_get(code.match?(/\A[A-Z]\w*\z/) ? code : :ServiceError, false)
      end
    end

    # @param message [String, nil] without one, the code
    # @param code [String] by default the class's own name
    # @param request_id [String, nil]
    def initialize(message = nil, code: self.class.name.split("::").last, request_id: nil)
      super(message || code)
      @code = code
      @request_id = request_id
    end
  end

  # Makes an error of the aws-sdk-dynamodb gem one of ours as well.
  #
  # @api private
  module SdkError
    attr_reader :code, :request_id, :service_error_class

    def describe(service_error_class, code, request_id)
      @service_error_class = service_error_class
      @code = code
      @request_id = request_id
      self
    end

    def is_a?(class_or_module)
      super || service_error_class <= class_or_module || false
    end
    alias kind_of? is_a?
  end
end
