# frozen_string_literal: true

require "support/example_server"
require "support/http_client"
require "support/installed"
require "tmpdir"

RSpec.describe "The example of Action Cable", :aggregate_failures do
  before(:context) do
    skip_without_gem "actioncable"
    require "support/cable_socket"
    @folder = Dir.mktmpdir
    @servers = { "with" => "true", "without" => "false" }.map do |name, locking|
      env = { "AWS_DYNAMO_DB_SESSION_ENDPOINT" => "embedded:#{@folder}/#{name}.sqlite3",
              "AWS_DYNAMO_DB_SESSION_ENABLE_LOCKING" => locking }
      server = ExampleServer.new(ExampleServer.line("action_cable/config.ru"), env:, log: "#{@folder}/#{name}.log")
      Thread.new { [name, server.start] }
    end.to_h(&:value)
  end

  after(:context) do
    @servers&.each_value(&:stop)
    FileUtils.rm_rf(@folder) if @folder
  end

  def sign_in(name)
    HttpClient.new(@server.url).tap do |visitor|
      visitor.get("/")
      visitor.submit("Sign in", name:)
    end
  end

  def connect(cookies, &)
    CableSocket.open("ws://#{@server.url.host}:#{@server.url.port}/cable", cookies:, &)
  end

  %w[with without].each do |locking|
    context "#{locking} enable_locking" do
      before { @server = @servers.fetch(locking) }

      it "knows whose connection it is by the session that a controller wrote" do
        connect(sign_in("Ada").cookies) do |socket|
          expect(socket.receive).to include("type" => "welcome")
          socket.send_command("subscribe", "TalkChannel")
          expect(socket.receive).to include("type" => "confirm_subscription")
          socket.send_command("message", "TalkChannel", { action: "say", text: "Good morning" })
          expect(socket.receive).to include("message" => { "name" => "Ada", "text" => "Good morning" })
        end
      end

      it "lets nobody in without a session, with one that is not signed in, or with a forged cookie" do
        visitor = HttpClient.new(@server.url).tap { |client| client.get("/") }
        [{}, visitor.cookies, { "_room_session" => "#{"0" * 64}--#{"a" * 32}" }].each do |cookies|
          connect(cookies) { |socket| expect(socket.receive).to include("type" => "disconnect") }
        end
      end

      # A connection lasts long: it must not keep a lock for as long.
      it "goes on with the session's requests while the connection is open" do
        visitor = sign_in("Ada")
        connect(visitor.cookies) do |socket|
          socket.receive
          started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
          expect(visitor.get("/").text("#who")).to eq("Ada")
          expect(Process.clock_gettime(Process::CLOCK_MONOTONIC) - started).to be < 0.4
        end
      end

      it "closes the connection when its session is signed out, and lets the old cookie in no more" do
        visitor = sign_in("Ada #{locking}")
        cookies = visitor.cookies.dup
        connect(cookies) do |socket|
          # The connection hears of the sign-out once what it listens to is set up, which the confirmation comes after.
          socket.send_command("subscribe", "TalkChannel")
          Array.new(2) { socket.receive }
          visitor.submit("Sign out")
          # Rails before 7.1 closes it without a word.
          expect(Array.new(2) { socket.receive }.last).to be_nil
        end
        connect(cookies) { |socket| expect(socket.receive).to include("reason" => "unauthorized") }
      end
    end
  end
end
