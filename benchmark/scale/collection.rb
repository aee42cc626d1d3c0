# frozen_string_literal: true

require_relative "row"

module Benchmark
  module Scale
    # One run of `rake dynamo_db:collect_garbage` over the whole table.
    #
    # @!attribute rows [Numeric]
    # @!attribute sizes [Hash{Integer => Numeric}] bytes of a session's data to the share of rows that have them
    # @!attribute garbage [Numeric] share of the rows that are over
    # @!attribute max_capacity [Numeric] of one machine: capacity units a second, read and write together
    # @!attribute machines [Integer] each with segments of its own
    Collection = Struct.new(:rows, :sizes, :garbage, :max_capacity, :machines, keyword_init: true) do
      # @return [Float] read units
      def scan
        rows * mean(&:scan_units)
      end

      # @return [Float] write units
      def deletions
        rows * garbage * mean(&:delete_units)
      end

      # @return [Float]
      def hours
        (scan + deletions) / (max_capacity * machines) / 3600
      end

      # @param prices [Prices]
      # @return [Float] dollars, billed on demand
      def cost(prices)
        prices.requests(read: scan, write: deletions)
      end

      private

      # What may be over has an `expire_at`, or a limit by which it is.
      def mean
        sizes.sum { |data, share| yield(Row.new(data, expires: true)) * share }
      end
    end
  end
end
