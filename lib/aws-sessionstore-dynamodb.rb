# frozen_string_literal: true

require "rack"
require_relative "aws/session_store/dynamo_db"

module Aws::SessionStore::DynamoDB
  # Loaded when they are first used: a Rake task needs no middleware, and an application no task.
  autoload :Commit, "aws/session_store/dynamo_db/commit"
  autoload :Compression, "aws/session_store/dynamo_db/compression"
  autoload :Doctor, "aws/session_store/dynamo_db/doctor"
  autoload :GarbageCollection, "aws/session_store/dynamo_db/garbage_collection"
  autoload :Instrumentation, "aws/session_store/dynamo_db/instrumentation"
  autoload :Lock, "aws/session_store/dynamo_db/lock"
  autoload :LogSubscriber, "aws/session_store/dynamo_db/log_subscriber"
  autoload :Merge, "aws/session_store/dynamo_db/merge"
  autoload :Native, "aws/session_store/dynamo_db/native"
  autoload :Persistence, "aws/session_store/dynamo_db/persistence"
  autoload :RackMiddleware, "aws/session_store/dynamo_db/rack_middleware"
  autoload :RequestState, "aws/session_store/dynamo_db/request_state"
  autoload :Row, "aws/session_store/dynamo_db/row"
  autoload :RubyClient, "aws/session_store/dynamo_db/ruby_client"
  autoload :Serializer, "aws/session_store/dynamo_db/serializer"
  autoload :SessionIds, "aws/session_store/dynamo_db/session_ids"
  autoload :SizeWarning, "aws/session_store/dynamo_db/size_warning"
  autoload :Table, "aws/session_store/dynamo_db/table"
end

require_relative "aws/session_store/dynamo_db/railtie" if defined?(Rails::Railtie)
