# frozen_string_literal: true

require "zlib"

module Aws::SessionStore::DynamoDB
  # Serialised sessions as they lie in the row, which with the option `compress` is smaller, and back.
  #
  # What is compressed is Binary (B) in the row: a serializer, the user's own too, writes a String (S), so neither can
  # be taken for the other. In Ruby the String's encoding tells them apart. The first byte says how to read the rest, a
  # stream of zlib with its checksum.
  #
  # @api private
  module Compression
    # What a session may be decompressed to, and the largest that is compressed: ten times what a row can hold. A row of
    # nothing but zeros would make 400 MB.
    MAX_BYTES = 4 * 1024 * 1024

    # The serialised session itself.
    TEXT = 1
    # The bytes whose Base64 is the serialised session: it hides from zlib what repeats itself.
    BASE64 = 2

    ADVICE = "Delete the row, which signs a user out, or mend what else writes to the table"
    private_constant :TEXT, :BASE64, :ADVICE

    class << self
      # @param text [String] a serialised session
      # @param option [Hash{Symbol => Integer}, false] `compress`: with the `threshold` in bytes
      # @return [String] in binary where it is compressed: not where that would not be smaller
      def pack(text, option)
        return text unless option && text.bytesize.between?(option[:threshold], MAX_BYTES)

        bytes = base64(text)
        packed = [bytes ? BASE64 : TEXT].pack("C") << Zlib.deflate(bytes || text)
        packed.bytesize < text.bytesize ? packed : text
      end

      # @param data [String, nil] of a row, whatever the option was when it was written
      # @return [String, nil] the serialised session
      # @raise [Errors::InvalidDataError] when it is damaged, or larger than {MAX_BYTES}
      def unpack(data)
        return data unless data && data.encoding == Encoding::BINARY

        case data.getbyte(0)
        when TEXT then inflate(data).force_encoding(Encoding::UTF_8)
        when BASE64 then [inflate(data)].pack("m0")
        else unreadable("is compressed in a way that this version does not know. Update the gem")
        end
      rescue Zlib::Error => e
        unreadable("is compressed and damaged (#{e.class}). #{ADVICE}")
      end

      private

      # Only Marshal's, as the serializers write it.
      def base64(text)
        Serializer.marshalled(text)&.then { |bytes| bytes if [bytes].pack("m0") == text }
      rescue ArgumentError
        nil
      end

      def inflate(data)
        text = String.new
        stream = Zlib::Inflate.new
        stream.inflate(data.byteslice(1..)) do |chunk|
          text << chunk
          unreadable("has more than #{MAX_BYTES} bytes when decompressed. #{ADVICE}") if text.bytesize > MAX_BYTES
        end
        raise Zlib::BufError unless stream.finished? && stream.total_in == data.bytesize - 1

        text
      ensure
        stream&.reset
        stream&.close
      end

      def unreadable(why)
        raise Errors::InvalidDataError, "The session's row cannot be read: its data #{why}"
      end
    end
  end
end
