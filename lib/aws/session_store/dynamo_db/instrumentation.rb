# frozen_string_literal: true

require "delegate"

module Aws::SessionStore::DynamoDB
  # A native store whose calls are events of `ActiveSupport::Notifications`, with the suffix `.dynamodb_session`:
  #
  # | event | when | outcome |
  # |---|---|---|
  # | `load` | a session is read | `:found`, `:missing` (there is none, or it is over) |
  # | `lock` | a lock is taken and the session read; the duration has the wait in it | `:taken`, `:missing` |
  # | `save` | a session is created, saved or moved | `:saved`, `:changed`, `:gone`, `:taken`, `:lock_lost` |
  # | `conflict` | a save found that another request had saved | `:changed` |
  # | `touch` | the use of a session is noted | `:touched`, `:gone` |
  # | `destroy` | a session is removed | `:destroyed` |
  # | `size_warning` | a saved session takes more than the option of that name; its payload is another: see below | |
  # | `collect` | garbage was collected; its payload has the counts of {GarbageCollection::Result} | `:collected` |
  #
  # The payload has `outcome`, `attempts` (requests sent, the SDK's retries included), `capacity_units` (Float),
  # `item_bytes` (size of the row), and, as everywhere in ActiveSupport, `exception_object` where the call failed. It
  # never has a session's contents or its id.
  #
  # @example
  #   ActiveSupport::Notifications.subscribe("save.dynamodb_session") do |event|
  #     StatsD.distribution("session.bytes", event.payload[:item_bytes])
  #   end
  # @example The payload of `size_warning`: bytes of the data in the row, and of the largest keys' parts in the session
  #   ActiveSupport::Notifications.subscribe("size_warning.dynamodb_session") do |event|
  #     Rails.logger.warn(event.payload) # {:size=>310000, :limit=>307200, :largest_keys=>{"draft"=>290000, "cart"=>…}}
  #   end
  class Instrumentation < SimpleDelegator
    # How the names of the events end.
    SUFFIX = ".dynamodb_session"

    # A Delegator is a BasicObject: constants of Ruby's top level need their colons in here.

    # @param store [Native::Store]
    # @return [Native::Store, Instrumentation] the store itself where ActiveSupport is not loaded
    # @api private
    def self.wrap(store)
      defined?(::ActiveSupport::Notifications) ? new(store) : store
    end

    # @param event [String] its name, without the suffix
    # @param payload [Hash]
    # @yieldparam payload [Hash] to add to
    # @api private
    def self.publish(event, payload = {}, &block)
      return block&.call(payload) unless defined?(::ActiveSupport::Notifications)

      ::ActiveSupport::Notifications.instrument(event + SUFFIX, payload) { block&.call(payload) }
    end

    # @param event [String] its name, without the suffix
    # @return [Boolean] whether anybody wants to know
    # @api private
    def self.listening?(event)
      defined?(::ActiveSupport::Notifications) && ::ActiveSupport::Notifications.notifier.listening?(event + SUFFIX)
    end

    # @param store [Native::Store]
    # @api private
    def initialize(store)
      super
      @measured = store.measured
      @measured.client = store.client
    end

    # The store's methods, the event of each, and its outcome by what the method returns.
    {
      load: ["load", ->(row) { row ? :found : :missing }],
      lock: ["lock", ->(row) { row ? :taken : :missing }],
      create: ["save", :first.to_proc],
      save: ["save", :first.to_proc],
      rename: ["save", :first.to_proc],
      touch: ["touch", ->(done) { done ? :touched : :gone }],
      touch_and_unlock: ["touch", ->(done) { done ? :touched : :gone }],
      destroy: ["destroy", ->(_) { :destroyed }]
    }.each do |operation, (event, outcome)|
      define_method(operation) do |*arguments|
        result = self.class.listening?(event) ? measure(event, outcome, operation, arguments) : super(*arguments)
        self.class.publish("conflict", outcome: :changed) if event == "save" && result.first == :changed
        result
      end
    end

    private

    # Measuring costs a little, so nobody pays for it who does not listen.
    def measure(event, outcome, operation, arguments)
      self.class.publish(event) do |payload|
        ::Thread.current[:aws_session_store_stats] = nil
        @measured.public_send(operation, *arguments).tap { |result| payload[:outcome] = outcome.call(result) }
      ensure
        payload[:attempts], payload[:capacity_units], payload[:item_bytes] = ::Thread.current[:aws_session_store_stats]
      end
    end
  end
end
