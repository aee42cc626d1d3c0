# frozen_string_literal: true

require "rails/generators"

module DynamoDb
  module Generators
    # Writes a YAML file with all options, commented out.
    #
    # @example For all environments, and for one
    #   # rails generate dynamo_db:session_store_config
    #   # rails generate dynamo_db:session_store_config --environment=production
    class SessionStoreConfigGenerator < Rails::Generators::Base
      desc "Writes a YAML file with all options of the DynamoDB session store, commented out."
      class_option :environment, type: :string, desc: "Write the file of this environment only, which goes before " \
                                                      "that of all environments"

      # @return [void]
      def create_config_file
        create_file "config/aws_dynamo_db_session_store#{environment_part}.yml",
                    Aws::SessionStore::DynamoDB::Options.to_yaml_template
      end

      private

      # Thor gives the option's own name where nothing follows it, as in `--environment=$UNSET`.
      def environment_part
        environment = options[:environment]
        return unless environment
        return "/#{environment}" if environment.match?(/\A[\w-]+\z/) && environment != "environment"

        raise Rails::Generators::Error,
              "No file was written: --environment needs the name of an environment, such as production"
      end
    end
  end
end
