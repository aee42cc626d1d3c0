# frozen_string_literal: true

require_relative "aws_sessionstore_dynamodb"

module Aws::SessionStore::DynamoDB
  # The Rust core. Its class `Store` takes and gives plain values; what they mean is said in docs/architecture.md.
  #
  # @api private
  module Native
    # @param config [Configuration]
    # @return [Store] not yet connected: that happens at the first call, once a process
    def self.store(config)
      limits = { max_age: config.max_age&.to_f, max_stale: config.max_stale&.to_f }
      Store.new(config.native_settings.merge(limits))
    end
  end
end
