# frozen_string_literal: true

require "active_support/log_subscriber"

module Aws::SessionStore::DynamoDB
  # Writes a line for each event of {Instrumentation}: of a session that gets large as a warning, of all else at debug
  # level.
  #
  # @api private
  class LogSubscriber < ActiveSupport::LogSubscriber
    %i[load lock save conflict touch destroy collect].each do |event|
      define_method(event) { |notification| debug { line(event, notification) } }
    end

    def size_warning(notification)
      size, limit, largest = notification.payload.values_at(:size, :limit, :largest_keys)
      keys = largest.map { |key, bytes| "#{key} #{bytes}" }.join(", ")
      warn { "  DynamoDB session of #{size} bytes, more than size_warning (#{limit}). Largest keys: #{keys}" }
    end

    private

    def line(event, notification)
      payload = notification.payload
      outcome = payload[:exception_object] ? payload[:exception_object].class.name : payload[:outcome]
      costs = [
        counted(payload[:attempts], "attempt"), counted(payload[:item_bytes], "byte"),
        counted(payload[:capacity_units], "capacity unit")
      ].compact
      "  DynamoDB session #{event} (#{notification.duration.round(1)}ms)  #{[outcome, *costs].join(", ")}"
    end

    def counted(number, unit)
      "#{number} #{unit}#{"s" unless number == 1}" if number&.positive?
    end
  end
end
