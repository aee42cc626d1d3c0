# frozen_string_literal: true

require "support/fault_proxy"

module ModelCheck
  # A network with random faults before an engine.
  module Faults
    # What happens to a request, in equal parts. Nothing is carried out after its sender has given up: no condition on a
    # row's data can tell such a request from one in time.
    KINDS = {
      drop: ->(_) { false },
      lose: ->(exchange) { exchange.forward && false },
      cut: ->(exchange) { exchange.reply(exchange.forward[0...-1]) && false },
      twice: ->(exchange) { exchange.reply(exchange.forward * 2) },
      throttle: ->(exchange) { exchange.refuse("ThrottlingException", 400, "too fast") },
      fail: ->(exchange) { exchange.refuse("InternalServerError", 500, "broken") },
      slow: ->(exchange) { sleep(0.03) && exchange.relay }
    }.freeze
    private_constant :KINDS

    # Yields the options for a session store behind the faults.
    #
    # @param options [Hash] the engine's
    # @param rate [Float] of requests with a fault
    # @param seed [Integer]
    def self.before(options, rate, seed)
      proxy = FaultProxy.new(options[:endpoint]).start
      random = Random.new(seed)
      proxy.fault(nil, times: Float::INFINITY) do |exchange|
        random.rand < rate ? KINDS.values.sample(random:).call(exchange) : exchange.relay
      end
      yield options.merge(endpoint: proxy.url, max_attempts: 3)
    ensure
      proxy&.stop
    end
  end
end
