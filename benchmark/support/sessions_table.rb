# frozen_string_literal: true

require "aws-sessionstore-dynamodb"
require "json"

module Benchmark
  # A table of sessions in the engine at a URL.
  class SessionsTable
    GEM = Aws::SessionStore::DynamoDB
    NAME = "sessions"
    private_constant :GEM

    # @return [Hash] options of the session store
    attr_reader :options

    # @param url [String]
    def initialize(url, **options)
      @options = { endpoint: url, region: "us-east-1", access_key_id: "test", secret_access_key: "test",
                   table_name: NAME, secret_key: "secret", touch_interval: 3600, **options }
    end

    # Without the words that {Table.create_table} prints.
    #
    # @return [self]
    def create
      properties = GEM::Table.properties(configuration)
      store = self.store
      store.request_table(properties)
      store.activate_table(properties)
      self
    end

    # @return [Native::Store] not yet connected
    def store
      GEM::Native.store(configuration)
    end

    # @param bytes [Integer] of the session's data
    # @return [String] the key of a new row
    def row(bytes)
      @rows = @rows.to_i + 1
      key = format("2::%064d", @rows)
      store.create(key, [session(bytes), nil, nil])
      key
    end

    private

    def configuration
      GEM::Configuration.new(@options)
    end

    def session(bytes)
      JSON.generate("text" => "x" * (bytes - '{"text":""}'.size))
    end
  end
end
