# frozen_string_literal: true

require "securerandom"
require "support/demo_server"
require "support/dynamodb_local"
require "support/http_client"

RSpec.describe "Puma in cluster mode", :aggregate_failures do
  workers = 3

  shared_examples "a server all of whose processes work" do |puma|
    before(:context) do
      @server = DemoServer.new(
        { "AWS_DYNAMO_DB_SESSION_ENDPOINT" => DynamoDBLocal.endpoint, "AWS_REGION" => "us-east-1",
          "AWS_ACCESS_KEY_ID" => "test", "AWS_SECRET_ACCESS_KEY" => "test",
          "AWS_DYNAMO_DB_SESSION_TABLE_NAME" => "puma-#{SecureRandom.hex(6)}" },
        puma: ["--workers", workers.to_s, *puma]
      ).start
    end

    after(:context) { @server&.stop }

    # @return [Array(String, Integer)] the worker that showed the count, and the count
    def add_one(visitor)
      visitor.submit("Add one")
      [visitor.page.text("#worker"), visitor.page.text("#count").to_i]
    end

    it "keeps one session through all of them" do
      visitor = HttpClient.new(@server.url).tap { |client| client.get("/") }
      seen = []
      seen << add_one(visitor) until (seen.map(&:first).tally.size == workers && seen.size >= 12) || seen.size == 500
      expect(seen.map(&:last)).to eq((1..seen.size).to_a)
      expect(seen.map(&:first).uniq.size).to eq(workers)
    end

    it "keeps the sessions of several visitors apart" do
      counts = Array.new(4) do
        Thread.new do
          visitor = HttpClient.new(@server.url).tap { |client| client.get("/") }
          Array.new(10) { add_one(visitor).last }
        end
      end.map(&:value)
      expect(counts).to all(eq((1..10).to_a))
    end
  end

  context "with preload_app!" do
    it_behaves_like "a server all of whose processes work", []
  end

  context "without preload_app!" do
    it_behaves_like "a server all of whose processes work",
                    ["--config", File.expand_path("../support/puma_without_preload.rb", __dir__)]
  end
end
