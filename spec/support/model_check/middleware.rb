# frozen_string_literal: true

require "aws-sessionstore-dynamodb"
require "delegate"

module ModelCheck
  # The middleware, with a hand on the calls that it makes.
  class Middleware < Aws::SessionStore::DynamoDB::RackMiddleware
    # @yieldparam store [Aws::SessionStore::DynamoDB::Native::Store]
    # @yieldreturn [#load] what stands before it
    def initialize(app, options)
      super
      @store = yield(@store)
    end
  end

  # Stands before a native store, and lets others have their turn, and the network its faults, at each call.
  class TurnTaking < SimpleDelegator
    # @param store [Aws::SessionStore::DynamoDB::Native::Store]
    # @param random [Random]
    # @param fault_rate [Float]
    def initialize(store, random, fault_rate)
      super(store)
      @random = random
      @fault_rate = fault_rate
    end

    %i[load create save rename touch destroy lock unlock touch_and_unlock].each do |operation|
      define_method(operation) do |*arguments|
        Fiber.yield
        fault("not sent")
        result = super(*arguments)
        fault("not answered")
        result
      end
    end

    private

    def fault(what)
      raise Aws::SessionStore::DynamoDB::Errors::NetworkError, what if @random.rand < @fault_rate / 2
    end
  end
end
