# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  class Configuration
    # The application around the session store: Rails, or not.
    #
    # @api private
    module Application
      # Where Rails applications keep their options: this gem's place, and those of aws-actiondispatch-dynamodb.
      CONFIG_FILES = %w[
        config/sessionstore/dynamodb.yml
        config/aws_dynamo_db_session_store/%<environment>s.yml
        config/aws_dynamo_db_session_store.yml
        config/dynamo_db_session_store/%<environment>s.yml
        config/dynamo_db_session_store.yml
      ].freeze

      class << self
        # @return [String] "development" where nothing says otherwise, as in Rack and Rails
        def environment
          names = [rails(:env), ENV.fetch("RAILS_ENV", nil), ENV.fetch("RACK_ENV", nil), "development"]
          names.map(&:to_s).find { |name| !name.empty? }
        end

        # @return [String] the directory that relative paths start from
        def root
          (rails(:root) || Dir.pwd).to_s
        end

        # @return [String, nil] path of the first of {CONFIG_FILES} that exists, in Rails only
        def config_file
          return unless rails(:root)

          files = CONFIG_FILES.map { |file| format(file, environment:) }
          files.find { |file| File.exist?(File.join(root, file)) }
        end

        # @return [String, nil]
        def secret_key_base
          application = rails(:application)
          application.secret_key_base if application.respond_to?(:secret_key_base)
        end

        # @return [Hash] what `config.session_store` was given, where it names a store of this gem; in Rails only, and
        #   after the application's initializers have run
        def session_options
          config = rails(:application)&.config
          store = config.session_store if config.respond_to?(:session_store)
          store.is_a?(Class) && store.include?(Persistence) ? config.session_options : {}
        end

        # Once in a process: a configuration is made for the middleware, and for each table task again.
        #
        # @return [void]
        def warn_once(message)
          @warned ||= {}
          return if @warned[message]

          @warned[message] = true
          logger = rails(:logger)
          logger ? logger.warn(message) : Kernel.warn(message)
        end

        private

        def rails(name)
          ::Rails.public_send(name) if defined?(::Rails) && ::Rails.respond_to?(name)
        end
      end
    end
  end
end
