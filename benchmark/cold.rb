# frozen_string_literal: true

# The first requests of a worker that its server has just forked, as it comes and after `warm_up`: milliseconds of a
# request that loads its session.
#
#   ruby -Ilib benchmark/cold.rb [--short] [--out DIR]
#
# The engine is on this machine and speaks HTTP: the handshake of TLS and the longer way to DynamoDB, of which warm_up
# takes away the most, are not in it. Both take turns; the figures are medians of the rounds.

require_relative "support/engine"
require_relative "support/report"
require_relative "support/rounds"
require_relative "support/sessions_table"
require_relative "support/visitor"

module Benchmark
  # Workers of a server that has loaded the application before.
  class Cold
    WORKERS = { false => "as it comes", true => "after warm_up" }.freeze
    private_constant :WORKERS

    def initialize(url, report)
      table = SessionsTable.new(url)
      # In a fork: this process makes no call, as a server does not.
      cookie = ask { Visitor.new(:read, table.create.options, bytes: 1024).cookie }
      @options = table.options
      @store = Visitor::STORE.new(->(env) { [200, {}, [env["rack.session"]["number"]]] }, @options)
      @environment = Rack::MockRequest.env_for("/", "HTTP_COOKIE" => "rack.session=#{cookie}")
      @report = report
    end

    def run(rounds:)
      measured = Rounds.new(rounds, WORKERS.to_h { |warm, _| [warm, -> { worker(warm) }] })
      rows = WORKERS.map { |warm, name| [name, *measured.median(warm).map { |number| number.round(2) }] }
      @report.table("cold", ["", "first request, ms", "second, ms"], rows)
    end

    private

    # Milliseconds of its first requests.
    def worker(warm)
      answer = ask do
        Aws::SessionStore::DynamoDB.warm_up(@options) if warm
        Array.new(2) { request }.join(" ")
      end
      answer.split.map { |text| Float(text) }
    end

    def request
      start = now
      @store.call(@environment.dup)
      (now - start) * 1000
    end

    def ask(&work)
      peer = Peer.fork { work.call }
      peer.ask(1)
    ensure
      peer.close
    end

    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end
  end
end

report = Benchmark::Report.new
Benchmark::Engine.run do |url|
  Benchmark::Cold.new(url, report).run(rounds: report.short? ? 1 : 30)
end
