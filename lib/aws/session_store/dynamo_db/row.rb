# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  # A session's row as this request knows it.
  #
  # @!attribute id [String] its key in the table
  # @!attribute data [String, nil] the serialised session
  # @!attribute created_at [Float, nil] seconds since the epoch
  # @!attribute updated_at [Float, nil] seconds since the epoch
  # @!attribute lock [Lock, nil] this request's lock on it
  # @!attribute seen [String, nil] the serialised session as this request last loaded or saved it: not the data, where
  #   that was merged with what others have saved
  Row = Struct.new(:id, :data, :created_at, :updated_at, :lock, :seen) do
    def initialize(*values)
      super
      self.seen = data if values.size < members.size
    end
  end
end
