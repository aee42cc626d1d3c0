# frozen_string_literal: true

require "concurrent/set"
require "securerandom"
require "support/dynamodb_local"
require "support/example_server"
require "support/http_client"
require "support/installed"
require "tmpdir"

# The demo application under the servers that Ruby's web applications run under.
RSpec.describe "The demo application", :aggregate_failures do
  embedded = ->(path) { { "ENDPOINT" => "embedded:#{path}.sqlite3" } }
  networked = lambda do |_|
    { "ENDPOINT" => DynamoDBLocal.endpoint, "TABLE_NAME" => "servers-#{SecureRandom.hex(6)}", "REGION" => "us-east-1",
      "ACCESS_KEY_ID" => "test", "SECRET_ACCESS_KEY" => "test" }
  end

  # The line that starts it, the gem it needs, and how many workers it has.
  kind = Struct.new(:line, :engine, :gem, :workers)
  puma = ExampleServer.line("rails/config/puma.rb")
  unicorn = ExampleServer.line("rails/config/unicorn.rb")
  async = "RUBYLIB=$PWD/lib PORT=9292 ruby spec/support/async_server.rb examples/rails/config.ru"
  servers = {
    "Puma, threads" => kind.new("#{puma} --workers 0 --threads 5", embedded, "puma", 0),
    "Puma, cluster, preload_app!, and DynamoDB Local" => kind.new(puma, networked, "puma", 2),
    "Puma, cluster, without preload_app!, and DynamoDB Local" =>
      kind.new("#{puma} --config spec/support/puma_without_preload.rb", networked, "puma", 2),
    "Unicorn" => kind.new(unicorn, embedded, "unicorn", 2),
    "Unicorn, and DynamoDB Local" => kind.new(unicorn, networked, "unicorn", 2),
    "WEBrick" => kind.new(ExampleServer.line("--server webrick"), embedded, "webrick", 0),
    "the fiber scheduler of async, and DynamoDB Local" => kind.new(async, networked, "async", 0)
  }

  define_method(:start) do |name|
    path = "#{@folder}/#{SecureRandom.hex(4)}"
    # The secret that Rails makes for development is not for several applications to make at the same time.
    env = { "SECRET_KEY" => "secret", **servers.fetch(name).engine.call(path) }
          .transform_keys { |option| "AWS_DYNAMO_DB_SESSION_#{option}" }
    ExampleServer.new(servers.fetch(name).line, env:, log: "#{path}.log", ready: "/up").start
  end

  def stop(starting)
    starting.value.stop
  rescue RuntimeError
    # It did not start, as its examples have said.
  end

  # All of them at once, as most of it is waiting.
  before(:context) do
    @folder = Dir.mktmpdir("servers")
    DynamoDBLocal.endpoint
    @started = servers.select { |_, each| gem?(each.gem) }.to_h do |name, _|
      [name, Thread.new { start(name) }.tap { |thread| thread.report_on_exception = false }]
    end
  end

  after(:context) do
    @started.values.map { |starting| Thread.new { stop(starting) } }.each(&:join)
  ensure
    FileUtils.rm_rf(@folder)
  end

  def visitor(cookies = {})
    HttpClient.new(@server.url, cookies:).tap { |client| client.get("/") }
  end

  def notes(client)
    client.get("/").document.css(".note").map(&:text)
  end

  # Each note by a request of its own, all at the same time.
  #
  # @return [Float] seconds that they took together
  def keep_at_once(client, texts, seconds: 0)
    clients = texts.map { visitor(client.cookies) }
    started = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    clients.zip(texts).map { |each, text| Thread.new { each.submit("Keep it", text:, seconds:) } }.each(&:join)
    Process.clock_gettime(Process::CLOCK_MONOTONIC) - started
  end

  # @return [Array(String, Integer)] who is signed in, and the worker that says so
  def who_and_where(cookies)
    page = visitor(cookies).page
    [page.text("#who"), page.text("#worker").to_i]
  end

  servers.each do |name, server|
    context "under #{name}" do
      before do
        skip_without_gem(server.gem)
        @server = @started.fetch(name).value
      end

      it "signs in and out, and shows a notice once" do
        client = visitor
        client.submit("Sign in", name: "Ada")
        expect(client.page.text("#who")).to eq("Ada")
        expect(client.page.text(".notice")).to include("signed in as Ada")
        client.get("/")
        expect(client.page.text("#who")).to eq("Ada")
        expect(client.page.text(".notice")).to be_nil

        cookies = client.cookies.dup
        client.submit("Sign out")
        expect(client.page.text("#who")).to be_nil
        expect(visitor(cookies).page.text("#who")).to be_nil
      end

      it "works on several requests of one session at the same time, and loses nothing of any" do
        client = visitor
        texts = %w[first second third fourth]
        # One after the other they would take 4 s.
        expect(keep_at_once(client, texts, seconds: 1)).to be < 4
        expect(notes(client)).to match_array(texts)
      end

      it "goes on in the processes that take the place of those that end" do
        client = visitor
        client.submit("Sign in", name: "Ada")
        keep_at_once(client, %w[before])
        workers = @server.workers
        @server.renew
        expect(@server.workers & workers).to eq([])
        keep_at_once(client, %w[after again])
        expect(notes(client)).to contain_exactly("before", "after", "again")
        expect(client.page.text("#who")).to eq("Ada")
      end

      next if server.workers.zero?

      # Which one does is up to the kernel: they are asked until all have.
      it "answers for one session from all its workers" do
        client = visitor
        client.submit("Sign in", name: "Ada")
        seen = Concurrent::Set.new
        asking = Array.new(4) do
          Thread.new { 200.times { seen.size < server.workers && seen.add(who_and_where(client.cookies)) } }
        end
        asking.each(&:join)
        expect(seen.map(&:first)).to all(eq("Ada"))
        expect(seen.map(&:last)).to match_array(@server.workers)
      end
    end
  end
end
