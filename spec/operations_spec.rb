# frozen_string_literal: true

require "action_controller"
require "action_dispatch/session/dynamodb_store"
require "active_support/notifications"
require "support/sessions"

# What docs/operations.md promises.
RSpec.describe "docs/operations.md", :aggregate_failures do
  document = File.read(File.expand_path("../docs/operations.md", __dir__))

  # The text under a heading, up to the next of the same level.
  section = ->(heading) { document[/^## #{heading}\n(.*?)(?=^## |\z)/m, 1] }
  # The code blocks under a heading.
  code = ->(heading) { section[heading].scan(/^```ruby\n(.*?)^```/m).flatten }

  it "names every error, and no other" do
    errors = Aws::SessionStore::DynamoDB::Errors
    all = errors.constants.select { |name| (error = errors.const_get(name)).is_a?(Class) && error <= errors::Error }
    rows = section["Errors"].scan(/^\| (`.*?`) \| (.*?) \|/)
    named = rows.to_h.transform_keys { |names| names.scan(/`(\w+)`/).flatten.map(&:to_sym) }
    expect(named.keys.flatten).to match_array(all)

    raised = named.flat_map { |names, yes| names.zip(yes.split(", ").cycle.first(names.size)) }.to_h
    hard = errors::DefaultHandler::HARD_ERRORS.map { |error| error.name.split("::").last.to_sym }
    expect(raised.select { |_, yes| yes == "yes" }.keys).to match_array(hard)
  end

  it "names every event, and no other" do
    named = section["Alarms"].scan(/`(\w+)\.dynamodb_session`/).flatten.uniq
    subscriber = Aws::SessionStore::DynamoDB::LogSubscriber
    expect(named).to match_array(subscriber.public_instance_methods(false).map(&:to_s))
  end

  it "has a subscriber for its metrics that works" do
    metrics = Module.new do
      singleton_class.attr_accessor :timings
      def self.timing(*arguments, **more) = (self.timings ||= []).push([*arguments, more])
    end
    stub_const("Metrics", metrics)
    subscriber = eval(code["Alarms"].first, binding, __FILE__, __LINE__) # rubocop:disable Security/Eval -- our own
    ActiveSupport::Notifications.instrument("load.dynamodb_session", outcome: :found) { nil }
    expect(metrics.timings).to match([["session.load.dynamodb_session", be_a(Float), { outcome: :found }]])
  ensure
    ActiveSupport::Notifications.unsubscribe(subscriber)
  end

  describe "changes the secret key" do
    each_engine do |engine|
      include_context "with sessions", engine

      before { allow(handler).to receive(:handle_error) }

      let(:handler) { Aws::SessionStore::DynamoDB::Errors::DefaultHandler.new(true) }

      # The same browser, before a process with these keys.
      define_method(:after_deployment) do |visitor, *secret_key|
        Visitor.new(store(secret_key:, error_handler: handler), cookie: visitor.cookie)
      end

      define_method(:name) { |visitor| visitor.visit { |session| session["name"] } }

      it "and signs nobody out where each step comes after the other" do
        ada = visitor_with(secret_key: "old", "name" => "Ada")
        [%w[old new], %w[new old]].each { |keys| expect(name(after_deployment(ada, *keys))).to eq("Ada") }

        bob = after_deployment(visitor, "new", "old")
        bob.visit { |session| session["name"] = "Bob" }
        # Processes of the step before, which are still there for a moment, and of the step after it.
        [%w[old new], %w[new]].each { |keys| expect(name(after_deployment(bob, *keys))).to eq("Bob") }
      end

      it "and leaves the cookies of sessions in use as they are, which the last step refuses; their rows stay" do
        ada = visitor_with(secret_key: "old", "name" => "Ada")
        used = after_deployment(ada, "new", "old")
        used.visit { |session| session["count"] = 1 }
        expect(used.cookie).to eq(ada.cookie)

        expect(name(after_deployment(ada, "new"))).to be_nil
        expect(handler).to have_received(:handle_error)
          .with(an_instance_of(Aws::SessionStore::DynamoDB::Errors::InvalidIDError), anything)
        expect(data(ada)).to include("name" => "Ada")
      end
    end

    # A page of the document's controller.
    body = code["Changing the secret key"].last[/\Aclass ApplicationController < ActionController::Base\n(.*)^end/m, 1]
    page = Class.new(ActionController::Base) do
      class_eval(body)

      def show
        visit = request.env.fetch("specs.visit")
        visit[:result] = visit[:block]&.call(session)
        head :ok
      end
    end
    stack = SessionStack.new("_session_id", lambda do |options|
      ActionDispatch::Cookies.new(ActionDispatch::Session::DynamodbStore.new(page.action(:show), options))
    end)

    each_engine do |engine|
      include_context "with sessions", engine, stack

      it "and keeps sessions that were renewed in between" do
        ada = visitor_with(secret_key: "old", "name" => "Ada")
        renewed = Visitor.new(store(secret_key: %w[new old]), cookie: ada.cookie, key: stack.key)
        2.times { expect(renewed.visit { |session| session["name"] }).to eq("Ada") }
        expect(renewed.cookie).not_to eq(ada.cookie)
        once = renewed.cookie
        renewed.visit { |session| session["name"] }
        expect(renewed.cookie).to eq(once)

        last = Visitor.new(store(secret_key: "new"), cookie: renewed.cookie, key: stack.key)
        expect(last.visit { |session| session["name"] }).to eq("Ada")
      end
    end
  end
end
