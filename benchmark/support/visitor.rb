# frozen_string_literal: true

require "aws-sessionstore-dynamodb"
require "rack"
require "rack/mock"

module Benchmark
  # Requests of a visitor who has a session, through a middleware.
  class Visitor
    STORE = Aws::SessionStore::DynamoDB::RackMiddleware

    # What the application does with the session in each request.
    APPLICATIONS = {
      change: ->(session) { session["number"] += 1 },
      read: ->(session) { session["number"] },
      nothing: ->(_) {}
    }.freeze
    private_constant :APPLICATIONS

    # @return [String] the value of the session's cookie
    attr_reader :cookie

    # @param application [:change, :read, :nothing]
    # @param options [Hash] the middleware's
    # @param bytes [Integer] the session's size in JSON
    # @param middleware [Class] of Rack's sessions
    def initialize(application, options, bytes:, middleware: STORE)
      @store = build(middleware, options, APPLICATIONS.fetch(application))
      @environment = Rack::MockRequest.env_for("/")
      text = "x" * (bytes - '{"text":"","number":10000}'.size)
      signing_in = build(middleware, options, ->(session) { session.update("text" => text, "number" => 10_000) })
      _, headers, = signing_in.call(@environment.dup)
      @cookie = (headers["Set-Cookie"] || headers["set-cookie"])[/rack\.session=([^;]+)/, 1]
      @environment["HTTP_COOKIE"] = "rack.session=#{@cookie}"
    end

    # @param count [Integer] of requests
    def visit(count)
      count.times { @store.call(@environment.dup) }
    end

    # @return [Peer] a visitor, made at the first visit
    def self.peer(...)
      visitor = nil
      Peer.fork { |count| (visitor ||= new(...)).visit(count) }
    end

    private

    def build(middleware, options, application)
      middleware.new(lambda do |env|
        application.call(env["rack.session"])
        [200, {}, []]
      end, options)
    end
  end
end
