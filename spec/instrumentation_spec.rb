# frozen_string_literal: true

require "spec_helper"
require "active_support"
require "active_support/log_subscriber"
require "active_support/notifications"
require "aws-sessionstore-dynamodb"
require "rack/mock"
require "support/engines"

RSpec.describe Aws::SessionStore::DynamoDB::Instrumentation do
  let(:events) { [] }

  def act(session, verb, value)
    case verb
    when "set" then session["key"] = value
    when "read" then session["key"]
    when "renew" then session.options[:renew] = true
    when "destroy" then session.destroy
    end
  end

  # The events of one request.
  def request(query)
    subscriber = ActiveSupport::Notifications.subscribe(/\.dynamodb_session\z/) do |*arguments|
      events << ActiveSupport::Notifications::Event.new(*arguments)
    end
    events.clear
    response = Rack::MockRequest.new(middleware).get("/?#{query}", "HTTP_COOKIE" => @cookie.to_s)
    @cookie = response["Set-Cookie"].split(";").first if response["Set-Cookie"]
    events.map { |event| [event.name.delete_suffix(".dynamodb_session"), event.payload[:outcome]] }
  ensure
    ActiveSupport::Notifications.unsubscribe(subscriber)
  end

  each_engine do |engine|
    before do
      allow($stdout).to receive(:<<)
      Aws::SessionStore::DynamoDB::Table.create_table(engine.options)
    end

    let(:middleware) do
      Aws::SessionStore::DynamoDB::RackMiddleware.new(
        lambda { |env|
          Rack::Utils.parse_query(env["QUERY_STRING"]).each { |verb, value| act(env["rack.session"], verb, value) }
          [200, {}, []]
        },
        engine.options.merge(secret_key: "secret", touch_interval: 0)
      )
    end
    it "says what each request did" do
      expect(request("set=a")).to eq([%w[save], [:saved]].transpose)
      expect(request("read=")).to eq([["load", :found], ["touch", :touched]])
      expect(request("set=b")).to eq([["load", :found], ["save", :saved]])
      expect(request("read=&renew=")).to eq([["load", :found], ["save", :saved]])
      expect(request("destroy=")).to eq([["load", :found], ["destroy", :destroyed]])
      expect(request("read=")).to eq([["load", :missing]])
    end

    it "says what it cost" do
      request("set=#{"x" * 2000}")
      request("set=#{"y" * 2000}")
      load, save = events.map(&:payload)
      expect(load).to include(attempts: 1, capacity_units: 1.0, item_bytes: be_between(2050, 2250))
      expect(save).to include(attempts: 1, capacity_units: 3.0, item_bytes: be_between(2050, 2250))
    end

    it "says what was collected" do
      request("set=a")
      payload = nil
      subscriber = ActiveSupport::Notifications.subscribe("collect.dynamodb_session") { |*event| payload = event.last }
      Aws::SessionStore::DynamoDB::GarbageCollection.collect_garbage(engine.options.merge(output: StringIO.new))
      expect(payload).to include(outcome: :collected, scanned: be > 0, deleted: 0, capacity_units: be > 0)
    ensure
      ActiveSupport::Notifications.unsubscribe(subscriber)
    end

    it "never says whose session it is, nor what is in it" do
      request("set=confidential")
      request("read=")
      payloads = events.map(&:payload).inspect
      expect(payloads).not_to include("confidential")
      expect(payloads).not_to include(@cookie.split("=").last.split("--").last)
    end
  end

  it "says of a call that failed how often it was tried" do
    payload = nil
    subscriber = ActiveSupport::Notifications.subscribe("load.dynamodb_session") { |*event| payload = event.last }
    config = Aws::SessionStore::DynamoDB::Configuration.new(
      endpoint: "http://127.0.0.1:1", region: "us-east-1", access_key_id: "a", secret_access_key: "b", max_attempts: 2
    )
    store = described_class.wrap(Aws::SessionStore::DynamoDB::Native.store(config))
    expect { store.load("id") }.to raise_error(Aws::SessionStore::DynamoDB::Errors::NetworkError)
    failure = an_instance_of(Aws::SessionStore::DynamoDB::Errors::NetworkError)
    expect(payload).to include(attempts: 2, exception_object: failure)
  ensure
    ActiveSupport::Notifications.unsubscribe(subscriber)
  end

  it "writes a line for each at debug level" do
    lines = StringIO.new
    ActiveSupport::LogSubscriber.logger = ActiveSupport::Logger.new(lines)
    Aws::SessionStore::DynamoDB::LogSubscriber.attach_to(:dynamodb_session)
    described_class.publish("save", outcome: :saved, attempts: 2, item_bytes: 345, capacity_units: 1.0)
    expect(lines.string)
      .to match(/DynamoDB session save \(\d+\.\dms\)  saved, 2 attempts, 345 bytes, 1\.0 capacity unit$/)
  ensure
    Aws::SessionStore::DynamoDB::LogSubscriber.detach_from(:dynamodb_session)
    ActiveSupport::LogSubscriber.logger = nil
  end
end
