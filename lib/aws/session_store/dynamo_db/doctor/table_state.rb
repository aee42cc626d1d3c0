# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  module Doctor
    # Whether the table is there, can be used, and has the key that is configured.
    #
    # @api private
    class TableState < Check
      # States in which rows are read and written.
      USABLE = %w[ACTIVE UPDATING].freeze
      private_constant :USABLE

      # @return [Hash, nil] what DynamoDB says of the table, empty where it may not be asked; nil where it is of no use
      def call
        state = Native::Inspection.table(store)
        return missing unless state

        usable = [status(state), key(state)].all?
        state if usable
      rescue *errors => e
        unseen(e)
      end

      private

      def missing
        report.problem("table: #{config.table_name.inspect} does not exist",
                       "check table_name, region and endpoint, or create it: rake dynamo_db:session_store:create_table")
        nil
      end

      def unseen(error)
        if unseen?(error)
          could_not_look("table", "DescribeTable")
          {}
        else
          report.problem("table: #{error.message}")
          nil
        end
      end

      def status(state)
        capacity = state[:throughput]&.then { |read, write| "provisioned, #{read} read and #{write} write units" }
        finding = "table: #{config.table_name.inspect} is #{state[:status]}"
        return report.ok("#{finding}, #{capacity || "on demand"}") if USABLE.include?(state[:status])

        report.problem(finding, "wait until it is ACTIVE; if it does not get there, the DynamoDB console says why")
      end

      def key(state)
        wanted = [[config.table_key, "HASH", "S"]]
        return report.ok("key: #{config.table_key.inspect}, a string") if state[:keys] == wanted

        found = state[:keys].map { |name, role, type| "#{name} (#{role}, #{type})" }.join(" and ")
        report.problem("key: the table has #{found}, not #{config.table_key} (HASH, S) alone", advice(state[:keys]))
      end

      def advice(keys)
        return "set table_key to #{keys[0][0].inspect}" if keys.map { |_, *type| type } == [%w[HASH S]]

        "a table's key cannot be changed: set table_name to another table and create it"
      end
    end
  end
end
