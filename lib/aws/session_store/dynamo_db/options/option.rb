# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  module Options
    # One option: a row of the table {Options::ALL}.
    #
    # @example
    #   option = Aws::SessionStore::DynamoDB::Options::ALL.find { |each| each.name == :max_stale }
    #   option.unit             # => "s"
    #   option.environment_name # => "AWS_DYNAMO_DB_SESSION_MAX_STALE"
    class Option
      # @return [Symbol] as it is written
      attr_reader :name

      # @return [Symbol] the option that it sets: another one only for an old spelling
      # @api private
      attr_reader :target

      # @return [#name, #valid] the `name` of its type for the documentation, and as text what an error says is valid
      attr_reader :type

      # @return [Object, nil] the value where none is given
      attr_reader :default

      # @return [String, nil] of a number: "s", "ms", "bytes", "units", "attempts"
      attr_reader :unit

      # @return [String, nil] one line
      attr_reader :meaning

      # @return [String, nil] of the options that belong together
      attr_reader :group

      # @return [Object, nil] a value for the documentation where there is no default
      attr_reader :example

      # @return [Array<Symbol>] where it may be given: :ruby, :environment, :yaml
      attr_reader :origins

      # @api private
      def initialize(name, type, default: nil, unit: nil, meaning: nil, group: nil, example: nil, secret: false, # rubocop:disable Metrics/ParameterLists -- a row of a table
                     origins: %i[ruby environment yaml], target: name)
        @name = name
        @type = type
        @default = default
        @unit = unit
        @meaning = meaning
        @group = group
        @example = example
        @secret = secret
        @origins = origins
        @target = target
        freeze
      end

      # @return [Boolean] whether its value may never be shown
      def secret?
        @secret
      end

      # @return [String, nil] the environment variable, nil for what only Ruby code can give
      def environment_name
        "#{ENVIRONMENT_PREFIX}#{name.to_s.upcase}" if origins.include?(:environment)
      end

      # @param value [Object] not nil
      # @param origin [Symbol] one of {#origins}
      # @param source [String] for the error
      # @return [Object] the value in the option's type
      # @raise [Errors::ConfigurationError]
      # @api private
      def convert(value, origin:, source:)
        reject(value, source, "a value from #{origin_names}") unless origins.include?(origin)
        value = type.parse(value) if origin == :environment
        converted = type.cast(value)
        converted.nil? ? reject(value, source, type.valid) : converted
      end

      private

      def reject(value, source, valid)
        raise Errors::ConfigurationError.new(
          "#{name}: expected #{valid}, got #{describe(value)} from #{source}",
          option: name, value: secret? ? nil : value, source:
        )
      end

      # An object or a collection may hold anything, a password too.
      def describe(value)
        return value.class.to_s if secret?

        case value
        when String, Symbol, Numeric, true, false then "#{shorten(value.inspect)} (#{value.class})"
        else value.class.to_s
        end
      end

      def shorten(text)
        text = text.gsub(%r{//[^/@]*@}, "//[FILTERED]@")
        text.length > 80 ? "#{text[0, 77]}..." : text
      end

      def origin_names
        names = { ruby: "Ruby code", environment: "the environment", yaml: "a YAML file" }
        names.values_at(*origins).join(" or ")
      end
    end
  end
end
