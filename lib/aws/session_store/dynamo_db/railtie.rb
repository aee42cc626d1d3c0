# frozen_string_literal: true

require "rails/railtie"
require "action_dispatch"

module Aws::SessionStore::DynamoDB
  # Makes the gem known to Rails.
  class Railtie < Rails::Railtie
    # `config.session_store :dynamodb_store` looks for this class; it is loaded when it is found.
    ActionDispatch::Session.autoload :DynamodbStore, "action_dispatch/session/dynamodb_store"
  end
end
