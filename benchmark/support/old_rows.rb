# frozen_string_literal: true

require_relative "ruby_client"

module Benchmark
  # Fills a table with sessions of 1 KB, of which every second one is old.
  class OldRows
    BATCH = 25
    THREADS = 8
    DATA = { "S" => %({"text":"#{"x" * 1013}"}) }.freeze
    private_constant :BATCH, :THREADS, :DATA

    # @param old [Float] seconds since the epoch: when the old ones were made
    def initialize(url, table, old:)
      @url = url
      @table = table
      @times = [Time.now.to_f, old].map { |time| { "N" => time.to_s } }
    end

    # @param count [Integer] of rows
    def write(count)
      slices = Thread::Queue.new(0.step(count - 1, BATCH).map { |first| first...[first + BATCH, count].min }).close
      Array.new(THREADS) { Thread.new { write_slices(slices) } }.each(&:join)
    end

    private

    def write_slices(slices)
      client = RubyClient.new(@url)
      while (numbers = slices.pop)
        requests = { @table => numbers.map { |number| { "PutRequest" => { "Item" => row(number) } } } }
        requests = client.call("BatchWriteItem", "RequestItems" => requests)["UnprocessedItems"] until requests.empty?
      end
    end

    def row(number)
      time = @times[number % 2]
      { "session_id" => { "S" => format("2::%064d", number) }, "data" => DATA, "created_at" => time,
        "updated_at" => time }
    end
  end
end
