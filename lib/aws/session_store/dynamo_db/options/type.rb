# frozen_string_literal: true

require "json"

module Aws::SessionStore::DynamoDB
  module Options
    # What the values of an option look like, and how text from the environment or a YAML file becomes one.
    #
    # @api private
    class Type
      # The longest time an option takes: far beyond any use, and short enough for every clock and integer behind it.
      MAX_SECONDS = 100 * 31_557_600

      # Columns of the row that are not free to be its key.
      ROW_ATTRIBUTES = %w[data created_at updated_at expire_at locked_at lock_token].freeze

      # Words for booleans in text.
      BOOLEANS = { "true" => true, "1" => true, "yes" => true, "false" => false, "0" => false, "no" => false }.freeze

      TABLE_NAME = %r{\A(?:arn:[a-z0-9-]+:dynamodb:[a-z0-9-]+:\d{12}:table/)?[a-zA-Z0-9_.-]{3,255}\z}

      # @return [String] as the documentation names it
      attr_reader :name

      # @return [String] what an error message says is valid
      attr_reader :valid

      # @param name [String]
      # @param valid [String]
      # @param json [String, nil] an environment variable that begins with this text holds JSON
      # @yield [value] returns the converted value, nil for a wrong one
      def initialize(name, valid, json: nil, &convert)
        @name = name
        @valid = valid
        @json = json
        @convert = convert
        freeze
      end

      # @param value [Object] never nil: that is an option that was not given
      # @return [Object, nil] nil for a wrong value
      def cast(value)
        @convert.call(value) if !value.is_a?(String) || Type.readable?(value)
      end

      # @param text [String] an environment variable
      # @return [Object] what to {#cast}
      def parse(text)
        return text unless @json && Type.readable?(text) && text.start_with?(@json)

        JSON.parse(text)
      rescue JSON::ParserError
        text
      end

      class << self
        def boolean
          new("Boolean", "true or false") do |value|
            case value
            when true, false then value
            when String, Integer then BOOLEANS[value.to_s.downcase]
            end
          end
        end

        def integer(range)
          new("Integer", "an Integer from #{range.first} to #{range.last}") do |value|
            number = value.is_a?(String) ? Integer(value, 10, exception: false) : value
            # Not is_a?, which ActiveSupport::Duration answers for the number in it.
            case number
            when Integer then number if range.cover?(number)
            end
          end
        end

        # @param unit [Symbol] :seconds or :milliseconds
        # @param zero [Boolean] whether 0 is valid
        def time(unit, zero: false)
          per_second = { seconds: 1, milliseconds: 1000 }.fetch(unit)
          max = MAX_SECONDS * per_second
          new("Numeric", "a number of #{unit} #{zero ? "from" : "above"} 0 and up to #{max}") do |value|
            number = number(value, per_second)
            plain(number) if number && (zero || number.positive?) && number.between?(0, max)
          end
        end

        def text(valid, pattern)
          new("String", valid) { |value| value.dup.freeze if value.is_a?(String) && pattern.match?(value) }
        end

        # Text that YAML may have taken for a number.
        def identifier(valid, pattern)
          new("String", valid) do |value|
            value = value.to_s if value.is_a?(Integer)
            value.dup.freeze if value.is_a?(String) && pattern.match?(value)
          end
        end

        def table_key
          new("String", "a String of 1 to 255 bytes that is not one of #{ROW_ATTRIBUTES.join(", ")}") do |value|
            next unless value.is_a?(String) && value.bytesize.between?(1, 255)

            value.dup.freeze unless ROW_ATTRIBUTES.include?(value)
          end
        end

        def secret_key
          valid = "a non-blank String, or an Array of them (the first signs, all verify)"
          new("String or Array", valid, json: "[") do |value|
            keys = (value.is_a?(Array) ? value : [value]).map { |key| secret(key) }
            next if keys.empty? || keys.include?(nil)

            value.is_a?(Array) ? keys.freeze : keys.first
          end
        end

        def tags
          valid = "a mapping of at most 50 names (1 to 128 characters) to values (up to 256 characters)"
          new("Hash", valid, json: "{") do |value|
            next unless value.is_a?(Hash) && value.size <= 50

            tags = value.to_h { |name, tag| [word(name, 1..128), word(tag, 0..256)] }
            tags.freeze unless tags.to_a.flatten.include?(nil)
          end
        end

        # @param usual [Integer] the threshold where it is not given, in bytes
        # @param range [Range<Integer>] of the threshold
        def compress(usual, range)
          bytes = integer(range)
          valid = "true, false or a mapping {threshold: BYTES}, BYTES being #{bytes.valid}"
          new("Boolean or Hash", valid, json: "{") do |value|
            flag = boolean.cast(value)
            next flag && { threshold: usual }.freeze unless flag.nil?

            threshold = bytes.cast(value[:threshold] || value["threshold"]) if value.is_a?(Hash) && value.one?
            { threshold: }.freeze if threshold
          end
        end

        def symbol(*names)
          new(names.map(&:inspect).join(" or "), one_of(names)) { |value| find(names, value) }
        end

        def serializer(*names)
          valid = "#{one_of(names)}, or from Ruby code an object with the methods dump and load"
          new("Symbol or Object", valid) do |value|
            find(names, value) || (value if value.respond_to?(:dump) && value.respond_to?(:load))
          end
        end

        def responding_to(method)
          new("Object", "an object with the method #{method}") { |value| value if value.respond_to?(method) }
        end

        def object(valid)
          new("Object", valid) { |value| value unless value == false }
        end

        def anything
          new("Object", "a value") { |value| value }
        end

        # Rack takes the words as symbols in small letters, and fails in the middle of a request on others.
        def same_site
          words = symbol(:lax, :strict, :none)
          new("Symbol", ":lax, :strict, :none, true, false or from Ruby code a callable object") do |value|
            flag = boolean.cast(value)
            next flag unless flag.nil?

            value = value.downcase if value.is_a?(String)
            value.respond_to?(:call) ? value : words.cast(value)
          end
        end

        def path
          new("String", "the path of a file") do |value|
            value = value.to_path if value.respond_to?(:to_path)
            value.dup.freeze if value.is_a?(String) && readable?(value) && !value.strip.empty? && !value.include?("\0")
          end
        end

        def endpoint
          valid = "a URL (http or https, without user, query and fragment), \"embedded\" or \"embedded:PATH\""
          new("String", valid) do |value|
            value = value.to_s if defined?(URI::Generic) && value.is_a?(URI::Generic)
            value.dup.freeze if value.is_a?(String) && (value.match?(/\Aembedded(:[^\0]+)?\z/) || url?(value))
          end
        end

        # Text that regular expressions and Strings in UTF-8 can work with: an environment variable may hold any bytes.
        def readable?(text)
          text.valid_encoding? && text.encoding.ascii_compatible?
        end

        private

        def one_of(names)
          *most, last = names.map(&:inspect)
          "#{most.join(", ")} or #{last}"
        end

        def find(names, value)
          return unless value.is_a?(String) || value.is_a?(Symbol)

          names.find { |name| name.to_s == value.to_s }
        end

        def number(value, per_second)
          case value
          when String then decimal(value)
          when Numeric then value if value.real? && value.finite?
          # A Duration knows its own unit.
          else value.to_f * per_second if defined?(ActiveSupport::Duration) && value.is_a?(ActiveSupport::Duration)
          end
        end

        def plain(number)
          number == number.to_i ? number.to_i : number.to_f
        end

        def decimal(text)
          text.match?(/\A\d{1,18}\z/) ? text.to_i : (text.to_f if text.match?(/\A\d{0,18}\.\d{1,18}\z/))
        end

        def secret(value)
          value = value.to_s if value.is_a?(Integer)
          value.dup.freeze if value.is_a?(String) && readable?(value) && !value.strip.empty?
        end

        def word(value, sizes)
          value = value.to_s if [Symbol, Numeric, TrueClass, FalseClass].any? { |type| value.is_a?(type) }
          value.dup.freeze if value.is_a?(String) && readable?(value) && sizes.cover?(value.size)
        end

        def url?(text)
          require "uri"
          url = URI.parse(text)
          url.is_a?(URI::HTTP) && !url.host.to_s.empty? && url.port.between?(1, 65_535) &&
            [url.userinfo, url.query, url.fragment].none?
        rescue URI::Error
          false
        end
      end
    end
  end
end
