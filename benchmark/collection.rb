# frozen_string_literal: true

# Garbage collection of tables of which every second row is garbage: rows a second and memory of the gem's collector,
# beside one sequential Scan in Ruby with batches of 25 deletions.
#
#   ruby -Ilib benchmark/collection.rb [--short] [--rows 10000,100000] [--out DIR]
#
# Rows are of 1 KB. The engine runs in a process of its own and keeps the table in memory; up to 100,000 rows are also
# measured with answers that take 5 ms longer, as over a network. `--rows 10000,100000,1000000` also shows the memory of
# a million rows; the engine then takes 2 GB.

require_relative "support/collection_run"
require_relative "support/report"

module Benchmark
  # The collectors on tables of different sizes.
  class Collection
    DELAYS = [0, 5].freeze
    # Rows. Beyond it only the gem's collector is measured, and without delay: what is looked at there is its memory.
    LARGE = 100_000
    NAMES = { ours: "this gem", sequential: "sequential, in Ruby" }.freeze
    HEADINGS = ["", "rows", "delay, ms", "rows a second", "of the sequential", "CPU, s", "engine's CPU, s",
                "memory added, KB"].freeze
    private_constant :DELAYS, :LARGE, :NAMES, :HEADINGS

    # @param counts [Array<Integer>] of rows
    def initialize(counts, report)
      @counts = counts
      @report = report
    end

    def run
      small, large = @counts.partition { |count| count <= LARGE }
      rows = small.product(DELAYS).flat_map { |count, delay| compare(count, delay) } +
             large.map { |count| row(:ours, count, 0, CollectionRun.new(:ours, count, 0).run) }
      @report.table("collection", HEADINGS, rows)
    end

    private

    def compare(count, delay)
      results = NAMES.keys.to_h { |collector| [collector, CollectionRun.new(collector, count, delay).run] }
      base = results[:sequential].first
      results.map { |collector, result| row(collector, count, delay, result, (result.first / base).round(2)) }
    end

    def row(collector, count, delay, (rate, own, engine, memory), ratio = nil)
      [NAMES.fetch(collector), count, delay, rate.round, ratio, own.round(2), engine.round(2), memory]
    end
  end
end

rows = nil
report = Benchmark::Report.new do |parser|
  parser.on("--rows LIST", Array, "of numbers") { |list| rows = list.map { |text| Integer(text) } }
end
exit unless Benchmark::RubyClient.available?
rows ||= report.short? ? [200] : [10_000, 100_000]
Benchmark::Collection.new(rows, report).run
