# frozen_string_literal: true

# CPU of one request through the Rack middleware, beside the floor: a plain Rust program that makes the same two calls.
#
#   ruby -Ilib benchmark/request.rb [REQUESTS]
#
# The engine runs in another process. CPU is that of the client's process, all its threads, user and system. Build the
# extension for release first: `rake compile`.

require_relative "support/engine"
require "aws-sessionstore-dynamodb"
require "rack"
require "rack/mock"

module Benchmark
  # A visitor whose session holds 1 KB.
  class Request
    def initialize(url)
      @options = { endpoint: url, region: "us-east-1", access_key_id: "test", secret_access_key: "test",
                   secret_key: "secret", touch_interval: 3600 }
      Aws::SessionStore::DynamoDB::Table.create_table(@options)
      @environment = Rack::MockRequest.env_for("/")
      _, headers, = middleware(&method(:change)).call(@environment.dup)
      @cookie = (headers["Set-Cookie"] || headers["set-cookie"])[/rack\.session=([^;]+)/, 1]
      @environment["HTTP_COOKIE"] = "rack.session=#{@cookie}"
    end

    # The session's key in the table.
    def row
      Rack::Session::SessionId.new(@cookie).private_id
    end

    # Microseconds of CPU of a request, by what it does.
    def run(requests)
      {
        "load and save 1 KB" => measure(middleware(&method(:change)), requests),
        "load, unchanged" => measure(middleware { |session| session["user"] }, requests),
        "session untouched" => measure(middleware { nil }, requests * 10),
        "Rack::Session::Pool, untouched" => measure(Rack::Session::Pool.new(->(_) { [200, {}, []] }), requests * 10)
      }
    end

    private

    def middleware
      application = lambda do |env|
        yield env["rack.session"]
        [200, {}, []]
      end
      Aws::SessionStore::DynamoDB::RackMiddleware.new(application, @options)
    end

    def change(session)
      session["user"] ||= "x" * 950
      session["number"] = session.fetch("number", 0) + 1
    end

    def measure(application, requests)
      (requests / 10).times { application.call(@environment.dup) }
      start = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID)
      requests.times { application.call(@environment.dup) }
      (Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID) - start) / requests * 1e6
    end
  end
end

requests = Integer(ARGV.fetch(0, "5000"))
Benchmark::Engine.run do |url|
  request = Benchmark::Request.new(url)
  floor = Benchmark::Engine.floor(url, "sessions", request.row, requests)
  request.run(requests).merge("floor: two calls in Rust" => floor).each do |name, cpu|
    puts "#{name.ljust(32)} #{cpu.round(1).to_s.rjust(7)} µs CPU  #{(cpu / floor).round(2)} of the floor"
  end
end
