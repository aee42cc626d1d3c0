# frozen_string_literal: true

require "spec_helper"
require "support/native_stores"
require "support/sessions"

RSpec.describe Aws::SessionStore::DynamoDB::Commit do
  include_context "with a fault proxy"

  # The first save meets one change, the second, merged with that, another one of the same key.
  it "keeps the newest of what others change while it merges again and again" do
    ada = visitor
    ada.visit { |session| session["others"] = 0 }
    other = Visitor.new(store(endpoint: engine.endpoint), cookie: ada.cookie)
    proxy.before("UpdateItem", times: 2) { other.visit { |session| session["others"] += 1 } }
    ada.visit { |session| session["mine"] = true }
    expect(data(ada)).to eq("others" => 2, "mine" => true)
  end

  describe "on_conflict: :raise" do
    let(:ada) { visitor(on_conflict: :raise).tap { |ada| ada.visit { |session| session["count"] = 0 } } }

    it "tells of a conflict with a request that saved the very same" do
      other = ada.window
      count = ->(session) { session["count"] += 1 }
      expect { ada.visit { |session| count.call(session).tap { other.visit(&count) } } }
        .to raise_error(Aws::SessionStore::DynamoDB::Errors::ConflictError)
    end

    it "takes its own save, sent again because the answer was lost, for no conflict" do
      ada
      proxy.lose_answer("UpdateItem")
      expect { ada.visit { |session| session["count"] += 1 } }.not_to raise_error
      expect(data(ada)).to eq("count" => 1)
    end
  end

  it "recognises its own save under a lock even when the next request has taken the lock by then" do
    ada = visitor(enable_locking: true)
    ada.visit { |session| session["count"] = 0 }
    id = row(ada).dig("session_id", "S")
    proxy.fault("UpdateItem", skip: 1) do |exchange|
      exchange.forward
      native_store(engine.endpoint, **engine.options.except(:endpoint)).lock(id, "another's token", [1.0, 0.1, 0.1])
      false
    end
    expect { ada.visit { |session| session["count"] += 1 } }.not_to raise_error
    expect(data(ada)).to eq("count" => 1)
  end
end
