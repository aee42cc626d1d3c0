# frozen_string_literal: true

require "securerandom"
require "support/counting_visitor"
require "support/demo_server"
require "support/dynamodb_local"
require "tmpdir"

# Visitors of the demo application count, while its workers die by SIGKILL, now this one and now that one.
RSpec.describe "A server whose workers are killed in the middle of saves" do
  kills = Integer(ENV.fetch("CRASHES", "100"))
  workers = 4

  # Only when all are there: one that has had no time to begin is not in the middle of anything.
  define_method(:kill_a_worker) do
    pids = `pgrep -P #{@server.pid}`.split.map(&:to_i)
    pids.size >= workers && Process.kill(:KILL, pids.sample)
  rescue Errno::ESRCH
    false
  end

  shared_examples "a server that loses nothing it has answered" do
    before { @server = DemoServer.new(environment, puma: ["--workers", workers.to_s]).start }
    after { @server&.stop }

    it "through #{kills} crashes" do
      over = false
      visitors = Array.new(6) { CountingVisitor.new(@server.url) }
      threads = visitors.map { |visitor| Thread.new { visitor.count { over } } }
      killed = 0
      while killed < kills && threads.all?(&:alive?)
        sleep(rand(0.05..0.25))
        killed += 1 if kill_a_worker
      end
      # In peace: everything is still there, and goes on.
      sleep 1
      over = true
      threads.each(&:join)
      expect(visitors.map(&:shown)).to all(be > kills / 20)
    end
  end

  context "with the embedded engine in a file" do
    around { |example| Dir.mktmpdir { |folder| (@folder = folder) && example.run } }

    def environment
      { "AWS_DYNAMO_DB_SESSION_ENDPOINT" => "embedded:#{@folder}/sessions.sqlite3" }
    end

    it_behaves_like "a server that loses nothing it has answered"
  end

  context "with DynamoDB Local" do
    def environment
      { "AWS_DYNAMO_DB_SESSION_ENDPOINT" => DynamoDBLocal.endpoint, "AWS_REGION" => "us-east-1",
        "AWS_ACCESS_KEY_ID" => "test", "AWS_SECRET_ACCESS_KEY" => "test",
        "AWS_DYNAMO_DB_SESSION_TABLE_NAME" => "crash-#{SecureRandom.hex(6)}" }
    end

    it_behaves_like "a server that loses nothing it has answered"
  end
end
