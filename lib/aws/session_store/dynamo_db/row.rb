# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  # A session's row as this request knows it.
  #
  # @!attribute id [String] its key in the table
  # @!attribute data [String, nil] the serialised session
  # @!attribute created_at [Float, nil] seconds since the epoch
  # @!attribute updated_at [Float, nil] seconds since the epoch
  # @!attribute lock [Lock, nil] this request's lock on it
  Row = Struct.new(:id, :data, :created_at, :updated_at, :lock)
end
