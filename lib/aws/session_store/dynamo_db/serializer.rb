# frozen_string_literal: true

require "json"
require "timeout"

module Aws::SessionStore::DynamoDB
  # The session Hash to the text of the row's `data`, and back.
  #
  # Versions 0.5 to 3 of the gem wrote Base64 of Marshal, version 4 JSON. Which of the two a row holds shows in its
  # first bytes: each serializer here reads what the others have written, and the next save writes its own form.
  #
  # @api private
  module Serializer
    # Writes JSON. Reads JSON and, of Marshal, what is plain data: strings, numbers, true, false, nil, symbols, arrays
    # and hashes. No object of the application is ever built, so that a row can run no code.
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
        bytes = Serializer.marshalled(data)
        bytes ? Native.read_marshal(bytes) : JSON.parse(data)
      rescue Errors::InvalidDataError => e
        raise Errors::InvalidDataError, "The session's row cannot be read: #{e.message}. Where sessions hold objects " \
                                        "of the application, serializer: :json_allow_marshal reads them"
      end
    end

    # Writes JSON, reads JSON and any Marshal: for the time of a migration from a version whose sessions hold objects.
    module JsonAllowMarshal
      module_function

      # @param session [Hash]
      # @return [String]
      def dump(session)
        Json.dump(session)
      end

      # @param data [String]
      # @return [Object]
      def load(data)
        Serializer::Marshal.load(data)
      end
    end

    # Writes Base64 of Marshal, as versions 0.5 to 3 did; reads it and JSON. Whoever can write to the table can run code
    # in the application.
    module Marshal
      module_function

      # @param session [Hash]
      # @return [String]
      def dump(session)
        [::Marshal.dump(session)].pack("m0")
      end

      # @param data [String]
      # @return [Object]
      def load(data)
        bytes = Serializer.marshalled(data)
        # Reading any object is what this serializer is for, and its documentation says what that means.
        bytes ? ::Marshal.load(bytes) : JSON.parse(data) # rubocop:disable Security/MarshalLoad
      end
    end

    BUILT_IN = { json: Json, json_allow_marshal: JsonAllowMarshal, marshal: Marshal }.freeze
    ADVICE = "Check the option serializer and what else writes to the table, or delete the row, which signs a user out"
    private_constant :BUILT_IN, :ADVICE

    # @param serializer [Symbol, #dump & #load] the option `serializer`
    # @return [#dump & #load]
    def self.for(serializer)
      BUILT_IN.fetch(serializer, serializer)
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
    rescue JSON::JSONError, EncodingError, TypeError => e
      # The generator's message may quote the session: nothing of it goes into a log.
      raise Errors::InvalidDataError, "The session cannot be saved by the serializer (#{e.class}). Keep only strings " \
                                      "in valid UTF-8, finite numbers, true, false, nil, arrays and hashes in it, " \
                                      "nested at most 100 deep; or set serializer"
    end

    # @param serializer [#dump & #load]
    # @param data [String, nil] nil: a row without data
    # @return [Hash] a new one each time
    # @raise [Errors::InvalidDataError] when the row was not written by this serializer
    def self.load(serializer, data)
      return {} if data.nil?

      session = read(serializer, data)
      return session if session.is_a?(Hash)

      raise Errors::InvalidDataError, "The session's row cannot be read: it holds no Hash, but #{session.class}. " \
                                      "#{ADVICE}"
    end

    # What is raised depends on the serializer. Marshal alone knows a dozen errors; a damaged length asks for more
    # memory than there is, a damaged depth for more stack.
    def self.read(serializer, data)
      serializer.load(data)
    rescue Errors::InvalidDataError, Timeout::Error
      # Said already; or an interrupt, which is no fault of the row.
      raise
    rescue StandardError, NoMemoryError, SystemStackError => e
      # As above: the parser's message quotes the data.
      raise Errors::InvalidDataError, "The session's row cannot be read by the serializer (#{e.class}). #{ADVICE}"
    end
    private_class_method :read

    # @param data [String]
    # @return [String, nil] the bytes of Marshal; nil for anything else
    # @raise [ArgumentError] for bad Base64
    def self.marshalled(data)
      # Marshal's version 4.8 in Base64; no JSON begins so. Old versions broke the lines, which strict decoding refuses.
      data.delete("\n").unpack1("m0") if data.match?(/\ABA[g-j]/)
    end
  end
end
