# frozen_string_literal: true

require "digest"
require "json"
require "securerandom"
require "tmpdir"
require "support/demo_server"
require "support/dynamodb_local"
require "support/http_client"

RSpec.describe "The demo application", :aggregate_failures do
  shared_examples "a Rails application with its sessions in DynamoDB" do
    before(:context) { @server = DemoServer.new(environment).start }
    after(:context) { @server.stop }

    def visitor(**options)
      HttpClient.new(@server.url, **options).tap { |client| client.get("/") }
    end

    def count(client)
      client.page.text("#count").to_i
    end

    def row(client)
      client.get("/").document.css("#row tr").to_h do |line|
        [line.at_css("th").text, JSON.parse(line.at_css("td").text)]
      end
    end

    it "counts on, whichever worker answers" do
      client = visitor
      workers = Hash.new(0)
      until (workers.size == 2 && workers.values.min >= 3) || workers.values.sum == 500
        client.submit("Add one")
        workers[client.page.text("#worker")] += 1
        expect(count(client)).to eq(workers.values.sum)
      end
      expect(workers.size).to eq(2)
    end

    it "counts on after a restart of the server" do
      client = visitor
      3.times { client.submit("Add one") }
      before = client.cookies.dup
      @server.restart
      client.get("/")
      expect(count(client)).to eq(3)
      client.submit("Add one")
      expect(count(client)).to eq(4)
      expect(client.cookies).to eq(before)
    end

    it "shows the row as it lies in DynamoDB" do
      client = visitor
      2.times { client.submit("Add one") }
      stored = row(client)
      id = client.cookies.fetch("_demo_session")
      expect(stored.fetch("session_id")).to eq("S" => "2::#{Digest::SHA256.hexdigest(id)}")
      expect(JSON.parse(stored.fetch("data").fetch("S"))).to include("count" => 2)
      expect(stored.keys).to include("created_at", "updated_at")
    end

    it "has one session a visitor, however many pages are read" do
      client = visitor
      cookie = client.cookies.dup
      5.times { client.get("/") }
      expect(client.cookies).to eq(cookie)
    end

    describe "signing in" do
      it "keeps the session, under a new id, and the old id is worth nothing" do
        client = visitor
        client.submit("Add one")
        before = client.cookies.dup
        client.submit("Sign in", name: "Ada Lovelace")
        expect(client.page.text("#who")).to eq("Ada Lovelace")
        expect(count(client)).to eq(1)
        expect(client.page.text(".notice")).to include("signed in as Ada Lovelace")
        expect(client.cookies["_demo_session"]).not_to eq(before["_demo_session"])

        replay = visitor(cookies: before)
        expect(replay.page.text("#who")).to be_nil
        expect(count(replay)).to eq(0)
      end

      it "says so when the name is missing, and changes nothing" do
        client = visitor
        before = client.cookies.dup
        client.submit("Sign in", name: " ")
        expect(client.page.text(".alert")).to include("enter a name")
        expect(client.page.text("#who")).to be_nil
        expect(client.cookies).to eq(before)
      end
    end

    describe "signing out" do
      it "makes the old cookie worthless: it sees an empty session, under a new id" do
        client = visitor
        client.submit("Sign in", name: "Ada")
        client.submit("Add one")
        saved = client.cookies.dup
        client.submit("Sign out")
        expect(client.page.text(".notice")).to include("signed out")
        expect(client.page.text("#who")).to be_nil
        expect(count(client)).to eq(0)

        replay = visitor(cookies: saved)
        expect(replay.page.status).to eq(200)
        expect(replay.page.text("#who")).to be_nil
        expect(count(replay)).to eq(0)
        expect(replay.cookies.fetch("_demo_session")).not_to eq(saved.fetch("_demo_session"))
      end
    end

    it "refuses a form of another session" do
      mine = visitor
      theirs = visitor
      token = theirs.page.document.at_css("[name=authenticity_token]")["value"]
      mine.post("/count", "authenticity_token" => token)
      expect(mine.page.text(".alert")).to include("earlier session")
      expect(count(mine)).to eq(0)
    end

    it "gives a cookie that nobody signed a session of its own" do
      ["forged", "#{"0" * 64}--#{"a" * 32}", "%FF%00", "x" * 5000].each do |value|
        client = visitor(cookies: { "_demo_session" => value })
        expect(client.page.status).to eq(200)
        expect(client.cookies["_demo_session"]).not_to eq(value)
      end
    end

    it "keeps 16 visitors at once apart: 50 requests each, and each ends at 50" do
      seen = Array.new(16) do |number|
        Thread.new do
          client = visitor
          client.submit("Sign in", name: "visitor #{number}")
          Array.new(50) do
            client.submit("Add one")
            [client.page.text("#who"), count(client)]
          end
        end
      end.map(&:value)

      expected = Array.new(16) { |number| (1..50).map { |count| ["visitor #{number}", count] } }
      expect(seen).to eq(expected)
    end
  end

  context "with the embedded engine in a file" do
    before(:context) { @folder = Dir.mktmpdir("demo") }
    after(:context) { FileUtils.rm_rf(@folder) }

    def environment
      { "AWS_DYNAMO_DB_SESSION_ENDPOINT" => "embedded:#{@folder}/sessions.sqlite3" }
    end

    it_behaves_like "a Rails application with its sessions in DynamoDB"
  end

  context "with DynamoDB Local" do
    def environment
      { "AWS_DYNAMO_DB_SESSION_ENDPOINT" => DynamoDBLocal.endpoint, "AWS_REGION" => "us-east-1",
        "AWS_ACCESS_KEY_ID" => "test", "AWS_SECRET_ACCESS_KEY" => "test",
        "AWS_DYNAMO_DB_SESSION_TABLE_NAME" => "demo-#{SecureRandom.hex(6)}" }
    end

    it_behaves_like "a Rails application with its sessions in DynamoDB"
  end
end
