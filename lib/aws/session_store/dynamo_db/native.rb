# frozen_string_literal: true

require_relative "native_library"

Aws::SessionStore::DynamoDB::NativeLibrary.new.load

module Aws::SessionStore::DynamoDB
  # The Rust core. Its class `Store` takes and gives plain values; what they mean is said in docs/architecture.md.
  #
  # @api private
  module Native
    # The sessions of one table.
    class Store
      # @return [RubyClient, nil] what makes the requests, where the user has given a client
      attr_accessor :client
    end

    # @param config [Configuration]
    # @return [Store] not yet connected: that happens at the first call, once a process
    def self.store(config)
      limits = { max_age: config.max_age&.to_f, max_stale: config.max_stale&.to_f }
      client = config.dynamo_db_client && RubyClient.new(config.dynamo_db_client)
      Store.new(config.native_settings.merge(limits, delegated: !client.nil?)).tap { |store| store.client = client }
    end
  end
end
