# frozen_string_literal: true

module Benchmark
  module Scale
    # A session's row, by the size of its data: what DynamoDB counts for it.
    # <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>
    class Row
      # Bytes beside the data: the key (`session_id`, and the 67 bytes of a private id), the name `data`, `created_at`
      # and `updated_at`.
      OVERHEAD = 119
      EXPIRE_AT = 15
      # `locked_at` and `lock_token`, while the session is locked.
      LOCK = 60
      # DynamoDB bills this for each item's index.
      INDEX = 100

      WRITE_UNIT = 1024
      READ_UNIT = 4096
      private_constant :OVERHEAD, :EXPIRE_AT, :LOCK, :INDEX, :WRITE_UNIT, :READ_UNIT

      # @return [Integer] bytes
      attr_reader :size

      # @param data [Integer] bytes of the serialised session
      # @param expires [Boolean] whether `max_age`, `max_stale` or `expire_after` is set
      # @param locking [Boolean] whether requests lock it
      def initialize(data, expires: false, locking: false)
        @size = data + OVERHEAD + (expires ? EXPIRE_AT : 0)
        @locking = locking
      end

      # @param consistent [Boolean] the option `consistent_read`
      # @return [Float] units of a GetItem
      def read_units(consistent: true)
        size.fdiv(READ_UNIT).ceil * (consistent ? 1.0 : 0.5)
      end

      # An UpdateItem costs the larger of the row before and after it, however little it changes.
      #
      # @return [Integer] units of an UpdateItem
      def write_units
        (size + (@locking ? LOCK : 0)).fdiv(WRITE_UNIT).ceil
      end

      # @return [Integer] units of a DeleteItem
      def delete_units
        size.fdiv(WRITE_UNIT).ceil
      end

      # A Scan adds up the sizes of a page's rows before it rounds, and reads eventually consistently.
      #
      # @return [Float] units of this row's share of a Scan
      def scan_units
        size.fdiv(READ_UNIT) / 2
      end

      # @return [Integer] bytes that are billed
      def stored
        size + INDEX
      end
    end
  end
end
