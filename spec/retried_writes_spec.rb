# frozen_string_literal: true

require "support/sessions"

# DynamoDB may carry out a request whose answer is lost on its way back. The SDK then sends the request again, and its
# condition fails because of what the first one did. That is no conflict.
RSpec.describe "A request that is sent twice" do
  network_error = Aws::SessionStore::DynamoDB::Errors::NetworkError

  include_context "with a fault proxy"

  # Merging would hide what is taken for a conflict.
  def strict_visitor(**given)
    visitor_with("name" => "Ada", on_conflict: :raise, **given)
  end

  it "makes a new session once" do
    ada = visitor
    proxy.lose_answer("UpdateItem")
    id = ada.visit do |session|
      session["name"] = "Ada"
      session.id.public_id
    end
    expect(proxy.calls).to eq(%w[UpdateItem UpdateItem])
    expect(ada.cookie).to eq(id)
    expect(data(ada)).to eq("name" => "Ada")
  end

  it "saves a session" do
    ada = strict_visitor
    proxy.lose_answer("UpdateItem")
    ada.visit { |session| session["age"] = 36 }
    expect(proxy.calls.last(2)).to eq(%w[UpdateItem UpdateItem])
    expect(data(ada)).to eq("name" => "Ada", "age" => 36)
  end

  it "saves a session whose lock it gave back the first time" do
    ada = strict_visitor(enable_locking: true, lock_expiry_time: 10_000)
    proxy.lose_answer("UpdateItem", skip: 1)
    expect(calls { ada.visit { |session| session["age"] = 36 } }).to eq(%w[UpdateItem UpdateItem UpdateItem])
    expect(row(ada)["data"]).to eq("S" => %({"name":"Ada","age":36}))
    expect(row(ada).keys).not_to include("lock_token")
  end

  it "takes a lock that it had taken" do
    ada = strict_visitor(enable_locking: true, lock_expiry_time: 10_000)
    proxy.lose_answer("UpdateItem")
    expect(ada.visit { |session| session["name"] }).to eq("Ada")
  end

  it "notes the use of a session" do
    ada = strict_visitor(touch_interval: 0)
    before = time(ada, "updated_at")
    proxy.lose_answer("UpdateItem")
    ada.visit { |session| session["name"] }
    expect(time(ada, "updated_at")).to be > before
  end

  it "moves a session to its new id" do
    ada = strict_visitor
    before = ada.cookie
    proxy.lose_answer("TransactWriteItems")
    ada.visit { |_, request| request.session_options[:renew] = true }
    expect(proxy.calls.last(2)).to eq(%w[TransactWriteItems TransactWriteItems])
    expect(ada.cookie).not_to eq(before)
    expect([row(before), data(ada)]).to eq([nil, { "name" => "Ada" }])
  end

  it "destroys a session" do
    ada = strict_visitor
    proxy.lose_answer("DeleteItem")
    ada.visit(&:destroy)
    expect(proxy.calls.last(2)).to eq(%w[DeleteItem DeleteItem])
    expect(row(ada)).to be_nil
  end

  it "does not bring back a session that is destroyed before it is sent again" do
    ada = strict_visitor
    other = Visitor.new(store(endpoint: engine.endpoint), cookie: ada.cookie)
    proxy.lose_answer("UpdateItem")
    proxy.before("UpdateItem") { other.visit(&:destroy) }
    ada.visit { |session| session["age"] = 36 }
    expect([row(ada), ada.set_cookie]).to eq([nil, nil])
  end

  it "does not undo what another request saved before it is sent again" do
    ada = strict_visitor(on_conflict: :merge)
    other = Visitor.new(store(endpoint: engine.endpoint), cookie: ada.cookie)
    proxy.lose_answer("UpdateItem")
    proxy.before("UpdateItem") { other.visit { |session| session["theme"] = "dark" } }
    ada.visit { |session| session["age"] = 36 }
    expect(data(ada)).to eq("name" => "Ada", "age" => 36, "theme" => "dark")
  end

  {
    "whose connection is closed" => ->(proxy) { proxy.drop("UpdateItem") },
    "whose answer is cut" => ->(proxy) { proxy.cut("UpdateItem") },
    "that DynamoDB throttles" => ->(proxy) { proxy.refuse("UpdateItem", "ThrottlingException") },
    "that exceeds the throughput" => ->(proxy) { proxy.refuse("UpdateItem", "ProvisionedThroughputExceededException") },
    "that DynamoDB fails" => ->(proxy) { proxy.refuse("UpdateItem", "InternalServerError", status: 500) },
    "that meets a transaction" => ->(proxy) { proxy.refuse("UpdateItem", "TransactionConflictException") },
    "that is not answered in time" => ->(proxy) { proxy.hang("UpdateItem") }
  }.each do |kind, fault|
    it "saves once what a request #{kind} did not" do
      ada = strict_visitor(http_read_timeout: 0.2)
      fault.call(proxy)
      expect(calls { ada.visit { |session| session["age"] = 36 } }).to eq(%w[GetItem UpdateItem UpdateItem])
      expect(data(ada)).to eq("name" => "Ada", "age" => 36)
    end
  end

  it "is sent max_attempts times at most" do
    ada = strict_visitor(max_attempts: 2)
    proxy.drop("GetItem", times: Float::INFINITY)
    expect(calls { expect { ada.visit { |session| session["name"] } }.to raise_error(network_error) })
      .to eq(%w[GetItem GetItem])
  end

  it "ends with call_timeout at the latest" do
    ada = strict_visitor(call_timeout: 0.3)
    proxy.hang("GetItem", times: Float::INFINITY)
    start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    expect { ada.visit { |session| session["name"] } }.to raise_error(network_error)
    expect(Process.clock_gettime(Process::CLOCK_MONOTONIC) - start).to be_between(0.25, 1)
  end

  it "does not take the second of two answers for that of another request" do
    ada = strict_visitor
    proxy.answer_twice("GetItem")
    expect(ada.visit { |session| session["name"] }).to eq("Ada")
    ada.visit { |session| session["name"] = "Bob" }
    expect(data(ada)).to eq("name" => "Bob")
  end
end
