# frozen_string_literal: true

require "generators/dynamo_db/table_migration"

# `rails generate sessionstore:dynamodb` is what the documents say since the first version.
module Sessionstore
  # Rails finds it by its path.
  module Generators
    # Writes a YAML file with all options, commented out, and a migration that creates the table.
    #
    # @example The name may be left out
    #   # rails generate sessionstore:dynamodb CreateSessions
    class DynamodbGenerator < Rails::Generators::NamedBase
      include DynamoDb::Generators::TableMigration

      desc "Writes a YAML file with all options of the DynamoDB session store, commented out, and a migration that " \
           "creates the table of the sessions, with the application's session options."
      argument :name, type: :string, default: "sessionstore_migration", desc: "Name of the migration"

      # @return [void]
      def create_config_file
        create_file "config/sessionstore/dynamodb.yml", Aws::SessionStore::DynamoDB::Options.to_yaml_template
      end

      # @return [void]
      def create_migration_file
        write_table_migration
      end
    end
  end
end
