# frozen_string_literal: true

require_relative "ruby_client"

module Benchmark
  # Garbage collection in the plainest way, as scripts have it: one Scan, page by page, and of each page the old rows in
  # batches of 25, one after the other. Unlike the gem's collector it deletes a session that was used after the scan.
  class SequentialCollector
    BATCH = 25
    private_constant :BATCH

    # @param url [String]
    # @param table [String]
    # @param before [Float] seconds since the epoch: rows created before it are garbage
    def initialize(url, table, before:)
      @client = RubyClient.new(url)
      @table = table
      @scan = { "TableName" => table, "ProjectionExpression" => "session_id", "FilterExpression" => "created_at < :0",
                "ExpressionAttributeValues" => { ":0" => { "N" => before.to_s } } }
    end

    # @return [Integer] how many rows were deleted
    def run
      deleted = 0
      loop do
        page = @client.call("Scan", @scan)
        page["Items"].each_slice(BATCH) { |keys| delete(keys) }
        deleted += page["Items"].size
        @scan["ExclusiveStartKey"] = page["LastEvaluatedKey"] or return deleted
      end
    end

    private

    def delete(keys)
      requests = { @table => keys.map { |key| { "DeleteRequest" => { "Key" => key } } } }
      requests = @client.call("BatchWriteItem", "RequestItems" => requests)["UnprocessedItems"] until requests.empty?
    end
  end
end
