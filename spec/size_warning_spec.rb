# frozen_string_literal: true

require "spec_helper"
require "active_support"
require "active_support/log_subscriber"
require "active_support/notifications"
require "aws-sessionstore-dynamodb"
require "support/sessions"

RSpec.describe Aws::SessionStore::DynamoDB::SizeWarning do
  # The payloads of the event while the block runs.
  def warnings
    payloads = []
    subscriber = ActiveSupport::Notifications.subscribe("size_warning.dynamodb_session") do |*arguments|
      payloads << arguments.last
    end
    yield
    payloads
  ensure
    ActiveSupport::Notifications.unsubscribe(subscriber)
  end

  each_engine do |engine|
    include_context "with sessions", engine

    it "is given where a saved session takes more than the option, with its largest keys and without their values" do
      session = { "cart" => "secret" * 100, "draft" => "secret" * 200, "name" => "Ada", "token" => "secret" * 10 }
      payload, *others = warnings { visitor_with(**session, size_warning: 1000) }
      expect(payload).to eq(size: JSON.generate(session).bytesize, limit: 1000,
                            largest_keys: { "draft" => 1212, "cart" => 611, "token" => 72 })
      expect(others).to be_empty
    end

    it "is given up to the limit to no session, and above it at each save" do
      ada = visitor(size_warning: 100)
      given = [91, 92, 93].map do |size|
        warnings { ada.visit { |session| session["a"] = "x" * size } }.map { |payload| payload[:size] }
      end
      expect(given).to eq([[], [], [101]])
    end

    it "is not given where the session is not saved" do
      ada = visitor_with("a" => "x" * 200, size_warning: 100, touch_interval: 0)
      expect(warnings { ada.visit { |session| session["a"] } }).to be_empty
    end

    it "counts what is in the row: compressed where it is" do
      session = { "a" => "x" * 2000 }
      expect(warnings { visitor_with(**session, size_warning: 1000, compress: true) }).to be_empty
      payload, = warnings { visitor_with(**session, size_warning: 20, compress: true) }
      expect(payload).to match(size: be < 100, limit: 20, largest_keys: { "a" => 2008 })
    end

    it "is given from three quarters of DynamoDB's limit on where nothing else is configured" do
      ada = visitor
      given = [307_000, 307_300].map { |size| warnings { ada.visit { |session| session["a"] = "x" * size } }.size }
      expect(given).to eq([0, 1])
    end

    it "is no error where one's own serializer does not take a part of a session" do
      whole = Class.new do
        def dump(session) = "#{session.fetch("a")} #{session.fetch("b")}"
        def load(data) = %w[a b].zip(data.split).to_h
      end
      payload, = warnings { visitor_with("a" => "x" * 200, "b" => "y", serializer: whole.new, size_warning: 100) }
      expect(payload).to eq(size: 202, limit: 100, largest_keys: {})
    end

    it "is a line in the log at the level of warnings" do
      lines = StringIO.new
      logger = ActiveSupport::Logger.new(lines, level: Logger::WARN)
      allow(ActiveSupport::LogSubscriber).to receive(:logger).and_return(logger)
      Aws::SessionStore::DynamoDB::LogSubscriber.attach_to(:dynamodb_session)
      visitor_with("cart" => "x" * 200, "name" => "Ada", size_warning: 100)
      expect(lines.string).to eq("  DynamoDB session of 224 bytes, more than size_warning (100). " \
                                 "Largest keys: cart 211, name 14\n")
    ensure
      Aws::SessionStore::DynamoDB::LogSubscriber.detach_from(:dynamodb_session)
    end
  end
end
