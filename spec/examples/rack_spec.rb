# frozen_string_literal: true

require "support/example_server"
require "support/http_client"
require "tmpdir"

RSpec.describe "The example of plain Rack", :aggregate_failures do
  around { |example| Dir.mktmpdir { |folder| (@folder = folder) && example.run } }
  after { @server&.stop }

  it "counts visits, gives a session a new id, and deletes it" do
    env = { "AWS_DYNAMO_DB_SESSION_ENDPOINT" => "embedded:#{@folder}/sessions.sqlite3" }
    @server = ExampleServer.new(ExampleServer.line("rack/config.ru"), env:, log: "#{@folder}/log").start
    visitor = HttpClient.new(@server.url)
    expect(Array.new(2) { visitor.get("/").body[/\d+/] }).to eq(%w[1 2])

    before = visitor.cookies.dup
    visitor.get("/renew")
    expect(visitor.cookies).not_to eq(before)
    expect(visitor.get("/").body).to start_with("Visit number 3.")
    expect(HttpClient.new(@server.url, cookies: before).get("/").body).to start_with("Visit number 1.")

    visitor.get("/destroy")
    expect(visitor.get("/").body).to start_with("Visit number 1.")
    expect(visitor.get("/nowhere").status).to eq(404)
  end
end
