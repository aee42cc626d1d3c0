# frozen_string_literal: true

module Benchmark
  module Scale
    # What a table has to bear, and what that costs a month.
    class Table
      # <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html>
      PARTITION_READS = 3000
      PARTITION_WRITES = 1000
      # <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.Partitions.html>
      PARTITION_BYTES = 10 * (2**30)

      HOURS = 730
      private_constant :PARTITION_READS, :PARTITION_WRITES, :PARTITION_BYTES, :HOURS

      # @return [Float] units a second
      attr_reader :reads, :writes

      # @param workload [Workload]
      # @param prices [Prices]
      # @param utilization [Float] share of provisioned capacity that is to be used
      def initialize(workload, prices:, utilization:)
        @reads = workload.reads
        @writes = workload.writes
        @bytes = workload.stored
        @prices = prices
        @utilization = utilization
      end

      # DynamoDB does not tell how many there are; rows lie evenly over them, by a hash of their key.
      #
      # @return [Integer] at least so many
      def partitions
        throughput = (reads / PARTITION_READS) + (writes / PARTITION_WRITES)
        [throughput, @bytes / PARTITION_BYTES, 1].max.ceil
      end

      # @return [Float] 2^30 bytes
      def gigabytes
        @bytes / (2**30)
      end

      # @return [Float] dollars a month, with storage
      def on_demand
        (@prices.requests(read: reads, write: writes) * 3600 * HOURS) + storage
      end

      # @return [Float] dollars a month, with storage
      def provisioned
        read, write = [reads, writes].map { |units| [(units / @utilization).ceil, 1].max }
        (@prices.provisioned_hour(read:, write:) * HOURS) + storage
      end

      private

      def storage
        gigabytes * @prices.storage
      end
    end
  end
end
