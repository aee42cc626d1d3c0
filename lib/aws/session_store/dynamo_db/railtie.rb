# frozen_string_literal: true

require "rails/railtie"
require "action_dispatch"

module Aws::SessionStore::DynamoDB
  # Makes the gem known to Rails: its session stores and its tasks. Rails finds the generators by their paths.
  #
  # @api private
  class Railtie < Rails::Railtie
    # `config.session_store :dynamodb_store` and `:dynamo_db_store` look for these; they are loaded when they are found.
    ActionDispatch::Session.autoload :DynamodbStore, "action_dispatch/session/dynamodb_store"
    ActionDispatch::Session.autoload :DynamoDbStore, "action_dispatch/session/dynamo_db_store"

    # Whoever listens pays for the measuring: only where the lines are wanted.
    config.after_initialize { LogSubscriber.attach_to(:dynamodb_session) if Rails.logger&.debug? }

    rake_tasks { load "tasks/dynamo_db/session_store.rake" }
  end
end
