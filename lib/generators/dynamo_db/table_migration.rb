# frozen_string_literal: true

require "rails/generators"
require "rails/generators/migration"
require "rails/generators/named_base"

module DynamoDb
  # Rails finds them by their paths.
  module Generators
    # What the two generators of a migration share: a migration that creates the sessions' table and deletes it.
    #
    # @api private
    module TableMigration
      extend ActiveSupport::Concern
      include Rails::Generators::Migration

      included { source_root File.expand_path("templates", __dir__) }

      # What Rails::Generators::Migration asks its classes for.
      module ClassMethods
        # @param directory [String]
        # @return [String] the version of the next migration there
        def next_migration_number(directory)
          ActiveRecord::Migration.next_migration_number(current_migration_number(directory) + 1)
        end
      end

      private

      def write_table_migration
        check_active_record
        check_name
        directory = Rails.application.config.paths["db/migrate"].first
        migration_template "table_migration.rb.tt", File.join(directory, "#{file_name}.rb")
      end

      def check_active_record
        return if defined?(ActiveRecord::Railtie)

        raise Rails::Generators::Error,
              "No migration was written: this application does not load Active Record, which runs migrations. " \
              "Create the table with: rake dynamo_db:session_store:create_table"
      end

      # It becomes the name of a file and of a class.
      def check_name
        return if file_name.match?(/\A[a-z][a-z0-9_]*\z/)

        raise Rails::Generators::Error,
              "No migration was written: #{name.inspect} cannot be the name of one. " \
              "Valid are letters, digits and _, with a letter first, as in CreateSessions"
      end
    end
  end
end
