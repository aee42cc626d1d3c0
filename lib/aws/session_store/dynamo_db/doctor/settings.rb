# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  module Doctor
    # The options, and where each came from.
    #
    # @api private
    class Settings
      # What the table is known by is shown even where nobody gave it.
      ALWAYS = %i[table_name table_key].freeze
      # How much of an access key's id is shown.
      TAIL = 4
      private_constant :ALWAYS, :TAIL

      # @param options [Hash]
      # @param report [Report]
      # @return [Configuration, nil] nil where it is wrong
      def self.read(options, report)
        Configuration.for_application(options).tap { |config| new(config, report).call }
      rescue Errors::ConfigurationError => e
        report.problem("configuration: #{e.message}")
        nil
      end

      # @param config [Configuration]
      # @param report [Report]
      def initialize(config, report)
        @config = config
        @report = report
      end

      # @return [void]
      def call
        @report.ok("configuration: options given: #{@config.sources.size}")
        Options::ALL.each do |option|
          source = @config.sources[option.name] || ("default" if ALWAYS.include?(option.name))
          @report.detail("#{option.name} #{show(option)} (#{source})") if source
        end
        secret_key
      end

      private

      def show(option)
        return "[FILTERED]" if option.secret?

        value = @config.public_send(option.name)
        return "…#{value[-TAIL..] || value}" if option.name == :access_key_id

        case value
        when String, Symbol, Numeric, Hash, true, false then value.inspect
        else value.class
        end
      end

      # A task outside of Rails does not see what config.ru gives to the middleware.
      def secret_key
        keys = @config.secret_keys
        return without_secret_key if keys.empty?

        SessionIds.new(secret_keys: keys, legacy_cookies: @config.legacy_cookies, row_ids: @config.row_ids)
        @report.ok("secret_key: #{keys.size == 1 ? "there is one" : "the first of #{keys.size} signs, all verify"}")
      rescue Errors::ConfigurationError
        raise
      rescue StandardError => e
        # Rails, in production, without secret_key_base or the key to its credentials.
        @report.problem("secret_key: the application has none: #{e.message}", "set secret_key_base, or secret_key")
      end

      def without_secret_key
        @report.warning("secret_key: there is none here",
                        "the middleware needs one: as an option, or as #{Options.find("secret_key").environment_name}")
      end
    end
  end
end
