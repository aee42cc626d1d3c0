# frozen_string_literal: true

# A model of the capacity units and the cost of sessions, for this store and for one that writes at every request. It
# calls nothing: spec/benchmark/scale_spec.rb checks its small end against what engines report.
#
#   ruby benchmark/scale.rb [options]     --help says which; all have defaults

require_relative "scale/collection"
require_relative "scale/options"
require_relative "scale/prices"
require_relative "scale/table"
require_relative "scale/workload"

module Benchmark
  module Scale
    # Prints what the model says.
    class Report
      ROWS = [10**6, 10**7, 10**8, 10**9].freeze
      REQUESTS = { "read units a second" => :reads, "write units a second" => :writes,
                   "partitions, at least" => :partitions, "storage, GB" => :gigabytes,
                   "on demand, $ a month" => :on_demand, "provisioned, $ a month" => :provisioned }.freeze
      COLLECTION = ["read units", "write units", "$ on demand", "hours"].freeze
      private_constant :ROWS, :REQUESTS, :COLLECTION

      # @param options [Options]
      # @raise [ArgumentError] for a workload that cannot be
      def initialize(options)
        @prices = options.prices
        workload = Workload.new(**options.workload)
        @tables = [workload, workload.written_always].map do |load|
          Table.new(load, prices: @prices, utilization: options.utilization)
        end
        @collections = ROWS.map { |rows| Collection.new(rows:, sizes: workload.sizes, **options.collection) }
      end

      # @param output [IO]
      def print(output)
        row(output, "requests", "this store", "always writing")
        REQUESTS.each { |name, value| row(output, name, *@tables.map { |table| number(table.public_send(value)) }) }
        output.puts
        row(output, "rows to collect", *COLLECTION)
        @collections.each { |collection| row(output, *figures(collection).map { |value| number(value) }) }
        output.puts "", "$: US dollars, list prices of #{Prices::REGION}, #{Prices::DATE}", *Prices::SOURCES
      end

      private

      def figures(collection)
        [collection.rows, collection.scan, collection.deletions, collection.cost(@prices), collection.hours]
      end

      def row(output, name, *values)
        output.puts name.ljust(24) + values.map { |value| value.rjust([15, value.size + 3].max) }.join
      end

      # As many digits as say something.
      def number(value)
        return "0" if value.zero?

        value.round(value < 10 ? 2 : 0).to_s.gsub(/(?<=\d)(?=(\d{3})+\z)/, ",")
      end
    end
  end
end

if $PROGRAM_NAME == __FILE__
  begin
    Benchmark::Scale::Report.new(Benchmark::Scale::Options.new(ARGV)).print($stdout)
  rescue OptionParser::ParseError, ArgumentError => e
    abort e.message
  end
end
