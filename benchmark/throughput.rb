# frozen_string_literal: true

# GetItem of a row of 1 KB through the native store, requests a second: by threads, by processes of one thread, and by
# fibers of one thread under a Fiber scheduler; beside it the least client in Ruby.
#
#   ruby -Ilib benchmark/throughput.rb [--short] [--out DIR]
#
# The engine runs in a process of its own. Of each, the cores that it keeps busy are shown: where the engine and the
# clients together use all of the machine's, more clients cannot get more out of it. Figures are medians of the rounds.

require_relative "../spec/support/fiber_scheduler"
require_relative "support/engine"
require_relative "support/report"
require_relative "support/rounds"
require_relative "support/ruby_client"
require_relative "support/sessions_table"

module Benchmark
  # Clients that read one row for a while, all at the same time.
  class Throughput
    NAMES = { threads: "threads", processes: "processes", fibers: "fibers", ruby: "threads, client in Ruby" }.freeze
    COUNTS = { threads: [1, 2, 4, 8, 16, 32], processes: [1, 2, 4], fibers: [1, 8, 32], ruby: [1, 8] }.freeze
    HEADINGS = ["", "number", "requests a second", "clients, cores", "engine, cores"].freeze
    private_constant :NAMES, :COUNTS, :HEADINGS

    # @param engine [Integer] its process
    def initialize(url, engine, report)
      @url = url
      @engine = engine
      @table = SessionsTable.new(url).create
      @key = @table.row(1024)
      @report = report
    end

    # @param milliseconds [Integer] that each measure takes
    def run(rounds:, milliseconds:)
      clients = self.clients
      Rounds.new(1, clients.transform_values { |peers| -> { together(peers, 1) } })
      measured = Rounds.new(rounds, clients.transform_values { |peers| -> { measure(peers, milliseconds) } })
      @report.table("throughput", HEADINGS, clients.keys.map { |key| row(*key, measured.median(key)) })
    ensure
      clients&.each_value { |peers| peers.each(&:close) }
    end

    private

    def row(kind, count, (rate, *cores))
      [NAMES.fetch(kind), count, rate.round, *cores.map { |number| number.round(2) }]
    end

    # [kind, how many] => peers, each of which answers how many requests it has made in so many milliseconds.
    def clients
      kinds = RubyClient.available? ? COUNTS : COUNTS.except(:ruby)
      kinds.flat_map { |kind, counts| counts.map { |count| [kind, count] } }.to_h do |kind, count|
        peers = kind == :processes ? Array.new(count) { threads(1) } : [send(kind, count)]
        [[kind, count], peers]
      end
    end

    # Requests a second, and the cores that the clients and the engine kept busy.
    def measure(peers, milliseconds)
      processes = [peers.map(&:pid), [@engine]]
      before = processes.map { |pids| cpu_seconds(pids) }
      start = now
      requests = together(peers, milliseconds)
      seconds = now - start
      used = processes.map { |pids| cpu_seconds(pids) }.zip(before).map { |after, first| after - first }
      [requests, *used].map { |number| number / seconds }
    end

    def together(peers, milliseconds)
      peers.each { |peer| peer.start(milliseconds) }
      peers.sum { |peer| Integer(peer.finish) }
    end

    def cpu_seconds(pids)
      pids.sum { |pid| Peer.cpu_seconds(pid) }
    end

    def threads(count)
      store = @table.store
      Peer.fork do |milliseconds|
        till = now + (milliseconds / 1000.0)
        Array.new(count) { Thread.new { requests_till(till) { store.load(@key) } } }.sum(&:value)
      end
    end

    def fibers(count)
      store = @table.store
      Peer.fork do |milliseconds|
        till = now + (milliseconds / 1000.0)
        requests = []
        Thread.new do
          Fiber.set_scheduler(FiberScheduler.new)
          count.times { Fiber.schedule { requests << requests_till(till) { store.load(@key) } } }
        end.join
        requests.sum
      end
    end

    def ruby(count)
      clients = nil
      Peer.fork do |milliseconds|
        clients ||= Array.new(count) { RubyClient.new(@url) }
        till = now + (milliseconds / 1000.0)
        clients.map { |client| Thread.new { requests_till(till) { client.get(SessionsTable::NAME, @key) } } }
               .sum(&:value)
      end
    end

    def requests_till(time)
      requests = 0
      while requests.zero? || now < time
        yield
        requests += 1
      end
      requests
    end

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end
  end
end

report = Benchmark::Report.new
Benchmark::Engine.run do |url, engine|
  throughput = Benchmark::Throughput.new(url, engine, report)
  throughput.run(**(report.short? ? { rounds: 1, milliseconds: 20 } : { rounds: 5, milliseconds: 1000 }))
end
