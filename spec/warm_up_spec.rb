# frozen_string_literal: true

require "English"
require "spec_helper"
require "support/native_stores"
require "support/silent_server"

RSpec.describe "Aws::SessionStore::DynamoDB.warm_up" do
  def warm_up(url, **options)
    Aws::SessionStore::DynamoDB.warm_up(endpoint: url, region: "us-east-1", access_key_id: "test",
                                        secret_access_key: "test", **options)
  end

  it "opens the connection that the first request uses, and asks for no session" do
    requests = []
    server = SilentServer.new { |body| requests.push(body) && "{}" }
    server.open do |url|
      expect(warm_up(url)).to be(true)
      expect(server.connections).to eq(1)
      native_store(url).load("2::id")
    end
    expect(server.connections).to eq(1)
    expect(requests).to match([/"Key":\{"session_id":\{"S":"warm_up"\}\}/, /"S":"2::id"/])
  end

  it "warms up a process forked from one that was warm" do
    server = SilentServer.new { "{}" }
    server.open do |url|
      warm_up(url)
      Process.wait(fork { exit!(warm_up(url)) })
      expect($CHILD_STATUS).to be_success
    end
    expect(server.connections).to eq(2)
  end

  it "lets the process start where DynamoDB does not answer, and says why" do
    url = SilentServer.new.open { |closed| closed }
    expect { expect(warm_up(url, retry_limit: 0)).to be(false) }
      .to output(/were not warmed up: .+/).to_stderr
  end

  it "says that an option is wrong" do
    expect { warm_up("nowhere") }.to raise_error(Aws::SessionStore::DynamoDB::Errors::ConfigurationError, /endpoint/)
  end
end
