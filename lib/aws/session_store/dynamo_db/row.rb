# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  # A session's row as this request knows it.
  #
  # @!attribute id
  #   @return [String] its key in the table
  # @!attribute data
  #   @return [String, nil] the session as it lies there: serialised, and perhaps compressed
  # @!attribute created_at
  #   @return [Float, nil] seconds since the epoch
  # @!attribute updated_at
  #   @return [Float, nil] seconds since the epoch
  # @!attribute lock
  #   @return [Lock, nil] this request's lock on it
  # @!attribute seen
  #   @return [String, nil] the serialised session as this request last loaded or saved it: not the data, where that was
  #     merged with what others have saved
  # @api private
  Row = Struct.new(:id, :data, :created_at, :updated_at, :lock, :seen) do
    # @return [String, nil] the serialised session
    # @raise [Errors::InvalidDataError] for compressed data that is damaged
    def text
      @text ||= Compression.unpack(data)
    end
  end
end
