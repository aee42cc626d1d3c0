# frozen_string_literal: true

require "spec_helper"
require "support/native_stores"
require "support/sessions"

RSpec.describe Aws::SessionStore::DynamoDB::Commit do
  include_context "with a fault proxy"

  it "tells of a conflict with a request that saved the very same" do
    ada = visitor(on_conflict: :raise)
    ada.visit { |session| session["count"] = 0 }
    other = ada.window
    count = ->(session) { session["count"] += 1 }
    expect { ada.visit { |session| count.call(session).tap { other.visit(&count) } } }
      .to raise_error(Aws::SessionStore::DynamoDB::Errors::ConflictError)
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
