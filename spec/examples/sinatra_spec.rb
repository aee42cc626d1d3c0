# frozen_string_literal: true

require "support/example_server"
require "support/http_client"
require "support/installed"
require "tmpdir"

RSpec.describe "The example of Sinatra", :aggregate_failures do
  around { |example| Dir.mktmpdir { |folder| (@folder = folder) && example.run } }
  after { @server&.stop }

  before do
    skip_without_gem "sinatra"
    env = { "AWS_DYNAMO_DB_SESSION_ENDPOINT" => "embedded:#{@folder}/sessions.sqlite3" }
    @server = ExampleServer.new(ExampleServer.line("sinatra/config.ru"), env:, log: "#{@folder}/log").start
  end

  it "signs in under a new id, and out for good" do
    visitor = HttpClient.new(@server.url).tap { |client| client.get("/") }
    visitor_id = visitor.cookies.fetch("_greeter_session")
    visitor.submit("Sign in", name: "<Ada>")
    expect(visitor.page.text("#who")).to eq("<Ada>")
    signed_in = visitor.cookies.dup
    expect(signed_in.fetch("_greeter_session")).not_to eq(visitor_id)

    visitor.submit("Sign out")
    expect(visitor.page.text("#who")).to be_nil
    expect(HttpClient.new(@server.url, cookies: signed_in).get("/").text("#who")).to be_nil
  end

  it "refuses a form of another session" do
    visitor = HttpClient.new(@server.url).tap { |client| client.get("/") }
    visitor.post("/sign_in", "name" => "Eve", "authenticity_token" => "forged")
    expect(visitor.page.status).to eq(403)
    expect(visitor.get("/").text("#who")).to be_nil
  end
end
