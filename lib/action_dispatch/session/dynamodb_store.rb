# frozen_string_literal: true

require "action_dispatch"
require "action_dispatch/middleware/session/abstract_store"
require "aws-sessionstore-dynamodb"

# Rails looks for session stores in here.
module ActionDispatch
  # Of Rails.
  module Session
    # The session store of Rails applications: `config.session_store :dynamodb_store`.
    #
    # It takes the options of {Aws::SessionStore::DynamoDB::Configuration} and those of every session store of Rails
    # (`key`, `expire_after`, `domain`, …); `secret_key` defaults to the application's `secret_key_base`.
    #
    # @example config/initializers/session_store.rb
    #   Rails.application.config.session_store :dynamodb_store, key: "_my_app_session", max_stale: 2.weeks
    class DynamodbStore < AbstractSecureStore
      include Aws::SessionStore::DynamoDB::Persistence

      # The name of the cookie, where the application gives none, in versions 0.5 to 1 and in aws-sdk-rails before 4.2:
      # their stores for Rails were Rack's. The session goes on, and its cookie gets Rails' name.
      FORMER_KEY = "rack.session"
      private_constant :FORMER_KEY

      # @param req [ActionDispatch::Request]
      # @return [Rack::Session::SessionId, nil] nil for a cookie that is missing or not ours
      def extract_session_id(req)
        super || (former_session_id(req) unless config.rack_options.key?(:key))
      end

      private

      # Other applications use that name too: a cookie that is not ours is nothing to report.
      def former_session_id(req)
        cookie = req.cookies[FORMER_KEY]
        Rack::Session::SessionId.new(cookie) if cookie && @ids.valid?(cookie)
      end
    end
  end
end
