# frozen_string_literal: true

require "action_dispatch/session/dynamodb_store"

module ActionDispatch
  module Session
    # {DynamodbStore} under the name that it had in the gem aws-actiondispatch-dynamodb:
    # `config.session_store :dynamo_db_store`.
    DynamoDbStore = DynamodbStore
  end
end
