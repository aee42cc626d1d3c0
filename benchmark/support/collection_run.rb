# frozen_string_literal: true

require_relative "engine"
require_relative "old_rows"
require_relative "sequential_collector"
require_relative "sessions_table"

module Benchmark
  # One collector on a table of its own, in an engine of its own.
  class CollectionRun
    MAX_AGE = 3600
    private_constant :MAX_AGE

    # @param collector [:ours, :sequential]
    # @param count [Integer] of rows
    # @param delay [Integer] milliseconds that each answer takes longer
    def initialize(collector, count, delay)
      @collector = collector
      @count = count
      @delay = delay
    end

    # @return [Array<Numeric>] rows a second; seconds of CPU, the collector's and the engine's; KB of memory added
    def run
      Engine.run(delay: @delay) do |url, engine|
        options = SessionsTable.new(url).create.options
        # Before the table is filled: it shall not inherit the memory that this takes.
        peer = Peer.fork { send(@collector, options) }
        OldRows.new(url, SessionsTable::NAME, old: Time.now.to_f - (2 * MAX_AGE)).write(@count)
        measure(peer, engine)
      ensure
        peer&.close
      end
    end

    private

    def measure(peer, engine)
      memory = peer.memory("VmRSS")
      before = figures(peer, engine)
      deleted = Integer(peer.ask(1))
      seconds, *cpu = figures(peer, engine).zip(before).map { |after, first| after - first }
      abort "#{deleted} of #{@count} rows were deleted" unless deleted == @count / 2
      [@count / seconds, *cpu, peer.memory("VmHWM") - memory]
    end

    def figures(peer, engine)
      [Process.clock_gettime(Process::CLOCK_MONOTONIC), Peer.cpu_seconds(peer.pid), Peer.cpu_seconds(engine)]
    end

    def ours(options)
      options = options.merge(max_age: MAX_AGE, output: $stdout)
      Aws::SessionStore::DynamoDB::GarbageCollection.collect_garbage(options).deleted
    end

    def sequential(options)
      SequentialCollector.new(options[:endpoint], options[:table_name], before: Time.now.to_f - MAX_AGE).run
    end
  end
end
