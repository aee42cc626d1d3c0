# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  class Configuration
    # What one source sets, in the types of the options.
    #
    # @api private
    class Settings
      # Options that are Rack's too, by where they may come from to be so. With a lifetime Rack loads every session,
      # used or not, to renew its cookie. `max_age` means that only where it always did: in Ruby code.
      COOKIE_LIFETIMES = { expire_after: %i[ruby environment yaml], max_age: %i[ruby] }.freeze
      private_constant :COOKIE_LIFETIMES

      # @return [Hash{Symbol => Object}]
      attr_reader :options

      # @return [Hash{Symbol => Object}] options of Rack
      attr_reader :rack_options

      # @return [Hash{Symbol => String}] where each option came from
      attr_reader :sources

      class << self
        # @param options [Hash]
        # @param source [String] where they came from
        # @return [Settings]
        def from_ruby(options, source)
          new(:ruby, options.map { |name, value| [name, value, source] })
        end

        # @return [Settings] the file that is read where none is named
        def from_rails
          new(:ruby, [[:config_file, Application.config_file, "the Rails application"]])
        end

        # @return [Settings] of the environment variables, the present names going before the first ones
        def from_environment
          prefixes = [Options::OLD_ENVIRONMENT_PREFIX, Options::ENVIRONMENT_PREFIX]
          new(:environment, prefixes.flat_map do |prefix|
            ENV.select { |variable, _| variable.start_with?(prefix) }.map do |variable, value|
              [variable.delete_prefix(prefix).downcase(:ascii), value, "environment variable #{variable.scrub}"]
            end
          end)
        end

        # @param path [String, nil]
        # @param source [String] where the path came from
        # @return [Settings]
        def from_yaml(path, source)
          options = path ? YamlFile.new(path, source).options : {}
          new(:yaml, options.map { |name, value| [name, value, path] })
        end
      end

      # @param origin [Symbol] :ruby, :environment or :yaml
      # @param entries [Array<Array>] name, value and source of each
      def initialize(origin, entries)
        @origin = origin
        @options = {}
        @rack_options = {}
        @sources = {}
        # The present name of an option goes before its old ones.
        old, present = entries.partition { |name, _| Options.old?(name.to_s) }
        (old + present).each { |name, value, source| set(name, value, source) }
      end

      # @param other [Settings] which goes before this one
      # @return [Settings]
      def merge(other)
        merged = self.class.new(@origin, [])
        [self, other].each do |settings|
          merged.options.update(settings.options)
          merged.rack_options.update(settings.rack_options)
          merged.sources.update(settings.sources)
        end
        merged
      end

      private

      def set(name, value, source)
        key = name.is_a?(Symbol) ? name.to_s : name
        if (option = Options.find(key))
          set_option(option, value, source)
        elsif (option = Options.find_rack(key))
          @rack_options[option.name] = option.convert(value, origin: @origin, source:) unless value.nil?
        elsif !Options::IGNORED.include?(key)
          reject(key, source)
        end
      end

      def set_option(option, value, source)
        return if value.nil? || blank?(option, value)

        @options[option.target] = option.convert(value, origin: @origin, source:)
        @rack_options[option.name] = @options[option.name] if COOKIE_LIFETIMES[option.name]&.include?(@origin)
        @sources[option.target] = source
      end

      # `export X=` and `x: <%= ENV["X"] %>` set nothing, where nothing is a value the option can have.
      def blank?(option, value)
        @origin != :ruby && option.default.nil? && value.is_a?(String) && value.b.strip.empty?
      end

      def reject(name, source)
        readable = name.is_a?(String) && Options::Type.readable?(name) && name.match?(/\A[\w-]{1,64}\z/)
        label = readable ? name : name.inspect[0, 64]
        raise Errors::ConfigurationError.new("#{label}: #{readable ? problem(name) : "not an option"}, from #{source}",
                                             option: label, source:)
      end

      def problem(name)
        if Options::CLIENT_ONLY.include?(name)
          return "not an option of the built-in client; build a client with the aws-sdk-dynamodb gem " \
                 "(Aws::DynamoDB::Client.new(#{name}: ...)) and pass it as dynamo_db_client"
        end

        suggestion = Options.suggest(name)
        suggestion ? "not an option, did you mean #{suggestion}?" : "not an option"
      end
    end
  end
end
