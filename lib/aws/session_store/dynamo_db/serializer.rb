# frozen_string_literal: true

require "json"

module Aws::SessionStore::DynamoDB
  # The session Hash to the text of the row's `data`, and back.
  module Serializer
    # JSON, in UTF-8.
    module Json
      module_function

      # @param session [Hash]
      # @return [String]
      def dump(session)
        JSON.generate(session)
      end

      # @param data [String]
      # @return [Object]
      def load(data)
        JSON.parse(data)
      end
    end

    # @param serializer [Symbol, #dump & #load] the option `serializer`
    # @return [#dump & #load]
    def self.for(serializer)
      case serializer
      when :json then Json
      else serializer
      end
    end

    # @param serializer [#dump & #load]
    # @param session [Hash]
    # @return [String] in UTF-8
    # @raise [Errors::InvalidDataError] when the session holds what the serializer cannot write
    def self.dump(serializer, session)
      data = serializer.dump(session)
      text = data.encoding == Encoding::UTF_8 ? data : data.dup.force_encoding(Encoding::UTF_8)
      return text if text.valid_encoding?

      raise Errors::InvalidDataError, "The session cannot be saved: its serializer makes bytes that are no UTF-8. " \
                                      "Let its dump return text, for example Base64"
    rescue JSON::GeneratorError, JSON::NestingError, TypeError => e
      raise Errors::InvalidDataError, "The session cannot be saved: #{e.message}. Keep only strings, numbers, true, " \
                                      "false, nil, arrays and hashes in it, in valid UTF-8, or set serializer"
    end

    # @param serializer [#dump & #load]
    # @param data [String, nil] nil: a row without data
    # @return [Hash] a new one each time
    # @raise [Errors::InvalidDataError] when the row was not written by this serializer
    def self.load(serializer, data)
      return {} if data.nil?

      session = serializer.load(data)
      return session if session.is_a?(Hash)

      raise Errors::InvalidDataError, "The session's row cannot be read: it holds no Hash, but #{session.class}. " \
                                      "#{ADVICE}"
    rescue JSON::ParserError, JSON::NestingError, TypeError, ArgumentError, EncodingError => e
      # The parser's message quotes the data: nothing of a session goes into a log.
      raise Errors::InvalidDataError, "The session's row cannot be read by the serializer (#{e.class}). #{ADVICE}"
    end

    ADVICE = "Check the option serializer and what else writes to the table; or delete the row, which signs its user out"
    private_constant :ADVICE
  end
end
