# frozen_string_literal: true

# CPU of one request that loads and saves its session, by the session's size, beside the floor: a plain Rust program
# that makes the same two calls with the SDK as it comes.
#
#   ruby -Ilib benchmark/sizes.rb [--short] [--out DIR]
#
# As in benchmark/request.rb, peers in processes of their own take turns; the figures are medians of the rounds.

require_relative "support/engine"
require_relative "support/report"
require_relative "support/rounds"
require_relative "support/sessions_table"
require_relative "support/visitor"

module Benchmark
  # Sessions of different sizes.
  class Sizes
    KILOBYTES = [0.2, 1, 4, 16, 64, 150, 300].freeze
    private_constant :KILOBYTES

    def initialize(url, report)
      @url = url
      @table = SessionsTable.new(url, size_warning: 400 * 1024).create
      @report = report
    end

    def run(rounds:, batch:)
      peers = KILOBYTES.each_with_object({}) do |kilobytes, all|
        bytes = (kilobytes * 1024).round
        all[[:request, kilobytes]] = Visitor.peer(:change, @table.options, bytes:)
        all[[:floor, kilobytes]] = Engine.floor(@url, SessionsTable::NAME, @table.row(bytes), "pairs")
      end
      # Larger sessions take longer: about as long each batch.
      measures = peers.to_h { |key, peer| [key, -> { peer.cpu((batch / (1 + (key.last / 16.0))).ceil) }] }
      Rounds.new(1, measures)
      print(Rounds.new(rounds, measures))
    ensure
      peers&.each_value(&:close)
    end

    private

    def print(measured)
      rows = KILOBYTES.map do |kilobytes|
        request, floor = %i[request floor].map { |peer| [peer, kilobytes] }
        [kilobytes, measured.median(request).round, measured.median(floor).round,
         measured.ratio(request, of: floor).round(2)]
      end
      @report.table("sizes", ["session, KB", "request, µs CPU", "floor, µs CPU", "of the floor"], rows)
    end
  end
end

report = Benchmark::Report.new
Benchmark::Engine.run do |url|
  Benchmark::Sizes.new(url, report).run(**(report.short? ? { rounds: 2, batch: 4 } : { rounds: 20, batch: 100 }))
end
