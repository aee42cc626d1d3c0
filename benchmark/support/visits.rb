# frozen_string_literal: true

require "active_support"
require "active_support/notifications"
require "aws-sessionstore-dynamodb"
require "rack"
require "rack/mock"
require "securerandom"

module Benchmark
  # Real requests through the Rack middleware, each loading one of a number of sessions, and the capacity units that
  # DynamoDB says they consumed (`ReturnConsumedCapacity`).
  class Visits
    # The events of the session store, by what they consume.
    UNITS = { "load" => :reads, "lock" => :writes, "save" => :writes, "touch" => :writes }.freeze
    private_constant :UNITS

    # @!attribute reads [Float] read units
    # @!attribute writes [Float] write units
    # @!attribute touches [Integer] times that only the use of a session was noted
    Consumed = Struct.new(:reads, :writes, :touches)

    # @param options [Hash] of the session store; its table is there
    # @param sizes [Array<Integer>] bytes of each session's data
    def initialize(options, sizes:)
      @store = Aws::SessionStore::DynamoDB::RackMiddleware.new(method(:application), options)
      @sessions = sizes.map { |size| [size, create(size)] }
    end

    # Each session is used as often, in a random order that is the same in each run.
    #
    # @param changes [Array<Boolean>] for each request, whether it changes its session
    # @yieldparam session [Integer] the request's session, before it is sent: the place to let time pass
    # @return [Consumed] by the requests, and not by the making of the sessions
    def run(changes)
      indexes = Array.new(changes.size) { |index| index % @sessions.size }.shuffle(random: Random.new(1))
      measured do
        changes.zip(indexes) do |change, index|
          yield index
          size, cookie = @sessions[index]
          visit(size: change && size, cookie:)
        end
      end
    end

    private

    def create(size)
      _, headers, = visit(size:)
      (headers["Set-Cookie"] || headers["set-cookie"])[/[^;]+/]
    end

    def visit(size:, cookie: nil)
      @store.call(Rack::MockRequest.env_for("/", { "HTTP_COOKIE" => cookie, "benchmark.size" => size }.compact))
    end

    # Loads the session, and changes it where a size is given: {"text":"…"}, so many bytes.
    def application(env)
      session = env["rack.session"]
      session.to_hash
      size = env["benchmark.size"]
      session["text"] = SecureRandom.alphanumeric(size - '{"text":""}'.size) if size
      [200, {}, []]
    end

    def measured(&)
      consumed = Consumed.new(0.0, 0.0, 0)
      add = lambda do |name, _, _, _, payload|
        event = name.delete_suffix(Aws::SessionStore::DynamoDB::Instrumentation::SUFFIX)
        consumed[UNITS.fetch(event)] += payload.fetch(:capacity_units)
        consumed.touches += 1 if event == "touch"
      end
      ActiveSupport::Notifications.subscribed(add, /\A(#{UNITS.keys.join("|")})\.dynamodb_session\z/, &)
      consumed
    end
  end
end
