# frozen_string_literal: true

require "spec_helper"
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
end
