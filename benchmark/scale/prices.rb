# frozen_string_literal: true

module Benchmark
  module Scale
    # What DynamoDB costs, in US dollars. The defaults are the list prices of the Standard table class in us-east-1,
    # without the free tier.
    #
    # @!attribute read_request [Float] a million read request units, on demand
    # @!attribute write_request [Float] a million write request units, on demand
    # @!attribute read_hour [Float] a provisioned read capacity unit for an hour
    # @!attribute write_hour [Float] a provisioned write capacity unit for an hour
    # @!attribute storage [Float] a gigabyte (2^30 bytes) for a month
    Prices = Struct.new(:read_request, :write_request, :read_hour, :write_hour, :storage, keyword_init: true) do
      # @param read [Numeric] request units
      # @param write [Numeric] request units
      # @return [Float] dollars, billed on demand
      def requests(read:, write:)
        ((read * read_request) + (write * write_request)) / 1e6
      end

      # @param read [Numeric] capacity units
      # @param write [Numeric] capacity units
      # @return [Float] dollars for an hour, billed as provisioned
      def provisioned_hour(read:, write:)
        (read * read_hour) + (write * write_hour)
      end
    end

    # When the prices were looked up, for where, and where they stand.
    Prices::DATE = "2026-11-22"
    Prices::REGION = "us-east-1"
    Prices::SOURCES = %w[https://aws.amazon.com/dynamodb/pricing/on-demand/
                         https://aws.amazon.com/dynamodb/pricing/provisioned/].freeze
    Prices::LIST = Prices.new(read_request: 0.125, write_request: 0.625, read_hour: 0.00013, write_hour: 0.00065,
                              storage: 0.25).freeze
  end
end
