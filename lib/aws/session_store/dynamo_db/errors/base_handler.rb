# frozen_string_literal: true

module Aws::SessionStore::DynamoDB::Errors
  # What the option `error_handler` takes: any object with this method; deriving it from this class is not needed.
  #
  # @example
  #   class Notifier < Aws::SessionStore::DynamoDB::Errors::BaseHandler
  #     def handle_error(error, env = {})
  #       ErrorTracker.notify(error, url: env && env["PATH_INFO"])
  #       false
  #     end
  #   end
  #
  #   use Aws::SessionStore::DynamoDB::RackMiddleware, secret_key: ENV["SECRET_KEY"], error_handler: Notifier.new
  class BaseHandler
    # Called with each error that happens while a session is loaded, saved or deleted.
    #
    # @param error [StandardError] an error of this gem, or the very one that the `dynamo_db_client` raised
    # @param env [Hash, nil] the Rack environment of the request, where there is one
    # @return [false] the error is dealt with, and the request goes on without the session
    # @raise [StandardError] the error, where the request is to fail
    def handle_error(error, env = {})
      raise NotImplementedError, "#{self.class} must define handle_error(error, env)"
    end
  end
end
