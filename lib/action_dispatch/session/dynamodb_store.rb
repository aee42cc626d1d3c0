# frozen_string_literal: true

require "action_dispatch"
require "action_dispatch/middleware/session/abstract_store"
require "aws-sessionstore-dynamodb"

module ActionDispatch
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
    end
  end
end
