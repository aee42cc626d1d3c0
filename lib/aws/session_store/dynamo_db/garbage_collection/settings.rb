# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  module GarbageCollection
    # The options of one run, which are not options of the session store.
    #
    # @api private
    class Settings
      CAPACITIES = (1..1_000_000)
      private_constant :CAPACITIES

      CAPACITY = Options::Type.new("Numeric", "a number of capacity units from #{CAPACITIES.first} to " \
                                              "#{CAPACITIES.last}") do |value|
        number = value.is_a?(String) ? Float(value, exception: false) : value
        number.to_f if number.is_a?(Numeric) && number.real? && CAPACITIES.cover?(number)
      end
      private_constant :CAPACITY

      # DynamoDB's bounds: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html>
      OPTIONS = [
        Options::Option.new(:dry_run, Options::Type.boolean, default: false),
        Options::Option.new(:total_segments, Options::Type.integer(1..1_000_000), default: 4),
        Options::Option.new(:segment, Options::Type.integer(0..999_999)),
        Options::Option.new(:max_capacity, CAPACITY),
        Options::Option.new(:output, Options::Type.responding_to(:print), origins: %i[ruby])
      ].freeze
      private_constant :OPTIONS

      class << self
        # @param options [Hash, nil]
        # @return [Array(Settings, Object)] and the options that are left, for Configuration
        def split(options)
          return [new({}), options] unless options.respond_to?(:to_hash)

          own, others = options.to_hash.partition { |name, _| OPTIONS.any? { |option| option.name.to_s == name.to_s } }
          [new(own.to_h.transform_keys(&:to_sym)), others.to_h]
        end

        # @param environment [#[]]
        # @return [Hash{Symbol => Object}] the options that are set there
        def from_environment(environment)
          OPTIONS.select { |option| option.origins.include?(:environment) }.filter_map do |option|
            variable = option.name.to_s.upcase
            value = environment[variable].to_s
            next if value.strip.empty?

            [option.name, option.convert(value, origin: :environment, source: "environment variable #{variable}")]
          end.to_h
        end
      end

      # @param options [Hash{Symbol => Object}] nil is as good as not given
      def initialize(options)
        @options = OPTIONS.to_h do |option|
          value = options[option.name]
          [option.name, value.nil? ? option.default : option.convert(value, origin: :ruby, source: "Ruby code")]
        end
        check_segment(options[:total_segments]) if segment
      end

      OPTIONS.each { |option| define_method(option.name) { @options[option.name] } }

      # @return [IO]
      def output
        @options[:output] || $stderr
      end

      # @return [Array<Integer>]
      def segments
        segment ? [segment] : Array.new(total_segments) { |index| index }
      end

      private

      def check_segment(given_total)
        return if given_total && segment < total_segments

        expected = given_total ? "a number below total_segments (#{total_segments})" : "total_segments beside it"
        raise Errors::ConfigurationError.new("segment: expected #{expected}, got #{segment}",
                                             option: :segment, value: segment)
      end
    end
  end
end
