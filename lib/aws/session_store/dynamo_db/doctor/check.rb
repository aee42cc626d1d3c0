# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  module Doctor
    # What the checks share: what they look at, and whom they tell.
    #
    # @api private
    class Check
      # @param config [Configuration]
      # @param store [Native::Store]
      # @param report [Report]
      def initialize(config, store, report)
        @config = config
        @store = store
        @report = report
      end

      private

      attr_reader :config, :store, :report

      # A client of the user's own goes before an endpoint.
      def delegated?
        !config.dynamo_db_client.nil?
      end

      def embedded?
        !delegated? && config.endpoint.to_s.start_with?("embedded")
      end

      # Another address than Amazon's, where the rules are its own.
      def elsewhere?
        config.endpoint && !URI(config.endpoint).host.to_s.match?(/\.(amazonaws\.com(\.cn)?|api\.aws)\z/)
      end

      # @return [Array<Class>] what a call may raise: a client of the user's own has classes of its own
      def errors
        delegated? ? [StandardError] : [Errors::Error]
      end

      def refused?(error)
        error.respond_to?(:code) && error.code == "AccessDeniedException"
      end

      # Not every client of the user's own has all of the methods.
      def unseen?(error)
        refused?(error) || error.is_a?(NoMethodError)
      end

      def could_not_look(subject, call)
        report.warning("#{subject}: could not look, dynamodb:#{call} is refused; an application need not be allowed it")
      end

      def limits?
        [config.max_age, config.max_stale, config.expire_after].any?
      end
    end
  end
end
