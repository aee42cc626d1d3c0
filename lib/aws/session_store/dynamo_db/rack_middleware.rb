# frozen_string_literal: true

require_relative "rack_session"

module Aws::SessionStore::DynamoDB
  # The Rack middleware.
  #
  # @example config.ru
  #   require "aws-sessionstore-dynamodb"
  #   use Aws::SessionStore::DynamoDB::RackMiddleware, secret_key: ENV.fetch("SECRET_KEY")
  #   run MyApp
  class RackMiddleware < Rack::Session::Abstract::PersistedSecure
    include Persistence

    # `use RackMiddleware.new(options)`, as the first documents have it: something that Rack::Builder can make the
    # middleware from, checked here and now.
    class Prepared
      # @param middleware [Class] {RackMiddleware} or a subclass
      # @param options [Hash] those of {Configuration#initialize}
      def initialize(middleware, options)
        @middleware = middleware
        @options = options
        Configuration.new(options).require_secret_key!
      end

      # @param app [#call]
      # @return [RackMiddleware]
      def new(app)
        @middleware.new(app, @options)
      end

      # @return [String] without the options: there are secrets among them
      def inspect
        "#<#{self.class} #{@middleware}>"
      end
    end

    # @overload new(app, options = {})
    #   @param app [#call] the Rack application
    #   @param options [Hash] those of {Configuration#initialize}, and Rack's (`key`, `expire_after`, `secure`, …)
    #   @return [RackMiddleware]
    # @overload new(options)
    #   @param options [Hash]
    #   @return [Prepared] for `use`
    # @raise [Errors::MissingSecretKeyError] without a secret key
    # @raise [Errors::ConfigurationError] for an option that is unknown or wrong
    def self.new(app, options = {})
      app.respond_to?(:call) ? super : Prepared.new(self, app)
    end
  end
end
