# frozen_string_literal: true

require "generators/dynamo_db/table_migration"

# The gem aws-actiondispatch-dynamodb had its generators under this name.
module DynamoDb
  module Generators
    # Writes a migration that creates the table.
    #
    # @example The name may be left out
    #   # rails generate dynamo_db:session_store_migration CreateSessions
    class SessionStoreMigrationGenerator < Rails::Generators::NamedBase
      include TableMigration

      desc "Writes a migration that creates the DynamoDB table of the sessions, with the application's session options."
      argument :name, type: :string, default: "create_dynamo_db_sessions_table", desc: "Name of the migration"

      # @return [void]
      def create_migration_file
        write_table_migration
      end
    end
  end
end
