# frozen_string_literal: true

# CPU of one request through the Rack middleware, and of its calls alone, beside the floor, a plain Rust program that
# makes the same two calls with the SDK as it comes, and the ceiling, the least client in Ruby.
#
#   ruby -Ilib benchmark/request.rb [--short] [--out DIR]
#
# The engine and each of the peers run in processes of their own. CPU is that of the peer's process, all its threads,
# user and system. The peers take turns in small batches; the figures are medians of the rounds.

require "rack/session/pool"

require_relative "support/engine"
require_relative "support/report"
require_relative "support/rounds"
require_relative "support/ruby_client"
require_relative "support/sessions_table"
require_relative "support/visitor"

module Benchmark
  # A session of 1 KB.
  class Request
    BYTES = 1024
    # Name, its floor, and how much larger its batches are, where a call takes next to nothing.
    CASES = {
      load_and_save: ["request: load and save 1 KB", :pairs, 1],
      load: ["request: load, unchanged", :reads, 1],
      untouched: ["request: session untouched", nil, 20],
      pool: ["request: Rack::Session::Pool, untouched", nil, 20],
      native_pairs: ["native: GetItem and UpdateItem", :pairs, 1],
      native_reads: ["native: GetItem", :reads, 1],
      pairs: ["floor, Rust: GetItem and UpdateItem", :pairs, 1],
      reads: ["floor, Rust: GetItem", :reads, 1],
      ruby_pairs: ["ceiling, Ruby: GetItem and UpdateItem", :pairs, 1],
      ruby_reads: ["ceiling, Ruby: GetItem", :reads, 1]
    }.freeze
    private_constant :BYTES, :CASES

    def initialize(url, report)
      @url = url
      @table = SessionsTable.new(url).create
      @report = report
    end

    def run(rounds:, batch:)
      peers = self.peers
      measures = peers.to_h { |key, peer| [key, -> { peer.cpu(batch * CASES.fetch(key).last) }] }
      Rounds.new(1, measures)
      measured = Rounds.new(rounds, measures)
      @report.table("request", ["", "CPU, µs", "of the floor"], peers.keys.map { |key| row(key, measured) })
    ensure
      peers&.each_value(&:close)
    end

    private

    def row(key, measured)
      name, floor, = CASES.fetch(key)
      [name, measured.median(key).round(1), floor && measured.ratio(key, of: floor).round(2)]
    end

    def peers
      { **middlewares, **natives, **floors, **(RubyClient.available? ? rubies : {}) }
    end

    def middlewares
      {
        load_and_save: Visitor.peer(:change, @table.options, bytes: BYTES),
        load: Visitor.peer(:read, @table.options, bytes: BYTES),
        untouched: Visitor.peer(:nothing, @table.options, bytes: BYTES),
        pool: Visitor.peer(:nothing, {}, bytes: BYTES, middleware: Rack::Session::Pool)
      }
    end

    def natives
      key, other = Array.new(2) { @table.row(BYTES) }
      store = @table.store
      { native_pairs: Peer.fork { |count| count.times { |number| load_and_save(store, key, number) } },
        native_reads: Peer.fork { |count| count.times { store.load(other) } } }
    end

    def load_and_save(store, key, number)
      data, created_at, = store.load(key)
      text = number.to_s
      store.save(key, ["#{text}#{data[text.length..]}", created_at, nil], [:unchanged, data])
    end

    def floors
      { pairs: Engine.floor(@url, SessionsTable::NAME, @table.row(BYTES), "pairs"),
        reads: Engine.floor(@url, SessionsTable::NAME, @table.row(BYTES), "reads") }
    end

    def rubies
      key, other = Array.new(2) { @table.row(BYTES) }
      { ruby_pairs: ruby { |client, number| client.get_and_update(SessionsTable::NAME, key, number) },
        ruby_reads: ruby { |client, _| client.get(SessionsTable::NAME, other) } }
    end

    def ruby
      client = nil
      Peer.fork do |count|
        client ||= RubyClient.new(@url)
        count.times { |number| yield client, number }
      end
    end
  end
end

report = Benchmark::Report.new
Benchmark::Engine.run do |url|
  Benchmark::Request.new(url, report).run(**(report.short? ? { rounds: 2, batch: 10 } : { rounds: 40, batch: 200 }))
end
