# frozen_string_literal: true

require "json"
require "support/example_server"
require "support/http_client"
require "tmpdir"

RSpec.describe "The example of Rails in API mode", :aggregate_failures do
  around { |example| Dir.mktmpdir { |folder| (@folder = folder) && example.run } }
  after { @server&.stop }

  before do
    env = { "AWS_DYNAMO_DB_SESSION_ENDPOINT" => "embedded:#{@folder}/sessions.sqlite3" }
    @server = ExampleServer.new(ExampleServer.line("rails_api/config.ru"), env:, log: "#{@folder}/log").start
  end

  def shown(client)
    JSON.parse(client.get("/session").body)
  end

  it "signs in under a new id, and out for good" do
    client = HttpClient.new(@server.url)
    token = shown(client).fetch("csrf_token")
    before = client.cookies.dup
    client.post("/session", { "name" => "Ada" }, "X-CSRF-Token" => token)
    expect(client.page.status).to eq(200)
    expect(client.cookies).not_to eq(before)
    expect(shown(client)).to include("name" => "Ada")

    signed_in = client.cookies.dup
    client.delete("/session", "X-CSRF-Token" => shown(client).fetch("csrf_token"))
    expect(client.page.status).to eq(204)
    expect(shown(client)).to include("name" => nil)
    expect(shown(HttpClient.new(@server.url, cookies: signed_in))).to include("name" => nil)
  end

  it "refuses a request without the session's token" do
    client = HttpClient.new(@server.url)
    shown(client)
    client.post("/session", { "name" => "Eve" })
    expect(client.page.status).to eq(422)
    expect(shown(client)).to include("name" => nil)
  end
end
