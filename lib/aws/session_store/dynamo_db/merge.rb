# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  # Three-way merge of sessions, by their keys.
  #
  # @api private
  module Merge
    # @param base [Hash] the session as this request loaded it
    # @param mine [Hash] as this request leaves it
    # @param theirs [Hash] as it is in the table now
    # @return [Hash] theirs, with the keys set that this request changed, and without those that it deleted
    def self.call(base:, mine:, theirs:)
      changed = mine.reject { |key, value| base.key?(key) && base[key] == value }
      deleted = base.keys - mine.keys
      theirs.merge(changed).except(*deleted)
    end
  end
end
