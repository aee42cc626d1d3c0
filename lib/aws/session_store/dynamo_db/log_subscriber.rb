# frozen_string_literal: true

require "active_support/log_subscriber"

module Aws::SessionStore::DynamoDB
  # Writes a line at debug level for each event of {Instrumentation}.
  class LogSubscriber < ActiveSupport::LogSubscriber
    %i[load lock save conflict touch destroy collect].each do |event|
      define_method(event) { |notification| debug { line(event, notification) } }
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
