# frozen_string_literal: true

require_relative "rack_session"

module Aws::SessionStore::DynamoDB
  # The table of the sessions.
  #
  # Every method takes the options of {Configuration#initialize}. In a Rails application that uses this gem's session
  # store, its own session options are the base.
  #
  # @example
  #   Aws::SessionStore::DynamoDB::Table.create_table(table_name: "sessions", region: "eu-central-1")
  module Table
    module_function

    # Creates the table and waits until it can be used: billed on demand unless a capacity is given, with DynamoDB's
    # TTL on `expire_at` where any limit is configured. Where the table exists, says so and checks that its key fits.
    #
    # @param options [Hash] those of {Configuration#initialize}
    # @return [Boolean] whether it was created now
    # @raise [Errors::ConfigurationError] for a table that exists with another key
    # @raise [Errors::ServiceError, Errors::NetworkError]
    def create_table(options = {})
      config = load_config(options)
      store = Native.store(config)
      created = store.request_table(properties(config))
      if created
        logger << "Table #{config.table_name} created, waiting for activation...\n"
        store.activate_table(properties(config))
        logger << "Table #{config.table_name} is now ready to use.\n"
      else
        logger << "Table #{config.table_name} already exists, skipping creation.\n"
      end
      created
    end

    # Deletes the table with all its sessions, and waits until it is gone.
    #
    # @param options [Hash] those of {Configuration#initialize}
    # @return [Boolean] whether there was one
    # @raise [Errors::ServiceError, Errors::NetworkError]
    def delete_table(options = {})
      config = load_config(options)
      deleted = Native.store(config).delete_table
      logger << (deleted ? "Table #{config.table_name} deleted.\n" : "Table #{config.table_name} does not exist.\n")
      deleted
    end

    # @param options [Hash] those of {Configuration#initialize}
    # @return [Boolean] whether there is a table that can be used
    # @raise [Errors::ConfigurationError] for a table with another key
    # @raise [Errors::ServiceError, Errors::NetworkError]
    def exist?(options = {})
      Native.store(load_config(options)).table_exists
    end

    # The row of one session as it lies in the table: for support and debugging.
    #
    # @example
    #   Aws::SessionStore::DynamoDB::Table.item(request.session.id)
    #   # => {"session_id" => {"S" => "2::7d…"}, "data" => {"S" => "{\"user_id\":1}"}, "updated_at" => {"N" => "17…"}}
    # @param id [Rack::Session::SessionId, String] the session's id, or its cookie's value
    # @param options [Hash] those of {Configuration#initialize}
    # @return [Hash{String => Hash}, nil] attributes in DynamoDB's JSON; nil where there is no row
    # @raise [Errors::ServiceError, Errors::NetworkError]
    def item(id, options = {})
      config = load_config(options)
      id = Rack::Session::SessionId.new(id) if id.is_a?(String)
      Native.store(config).item(SessionIds.row_id(id, public: config.row_ids == :public))
    end

    # @return [#<<] where the methods above say what they did
    # @api private
    def logger
      $stdout
    end

    # @api private
    def load_config(options = {})
      Configuration.for_application(options)
    end

    # @api private
    def properties(config)
      {
        throughput: throughput(config),
        time_to_live: [config.max_age, config.max_stale, config.expire_after].any?,
        tags: (config.tags || {}).to_a,
        kms_key_id: config.kms_key_id,
        point_in_time_recovery: config.point_in_time_recovery,
        deletion_protection: config.deletion_protection
      }
    end

    # @api private
    def throughput(config)
      [config.read_capacity, config.write_capacity] if config.read_capacity
    end
  end
end
