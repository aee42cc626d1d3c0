# frozen_string_literal: true

require "support/child_server"
require "support/free_port"

# One of the applications in examples/, in a process of its own.
class ExampleServer < ChildServer
  ROOT = File.expand_path("../..", __dir__)

  # @return [URI::HTTP] of a page
  attr_reader :url

  # @param part [String] of the line that examples/README.md has for it, for example "rack/config.ru"
  # @return [String] that line, to be run by a shell
  def self.line(part)
    File.readlines("#{ROOT}/examples/README.md").find { |line| line.start_with?(" ") && line.include?(part) }.strip
  end

  # @param line [String] listens on port 9292, which is replaced by a free one
  # @param env [Hash] AWS_DYNAMO_DB_SESSION_ENDPOINT and what else the session store is to be told
  # @param log [String] the file that takes what it prints
  # @param ready [String] the path of a page
  def initialize(line, env:, log:, ready: "/")
    port = FreePort.find.to_s
    # The shell becomes the server, so that signals reach it.
    super("sh", "-c", "cd \"$0\" && exec env #{line.gsub("9292", port)}", ROOT,
          url: "http://127.0.0.1:#{port}#{ready}", log:, env:)
  end

  # @return [Array<Integer>] its worker processes
  def workers
    `pgrep -P #{pid}`.split.map(&:to_i)
  end

  # Has all processes that answer replaced by new ones: the workers, where there are any, or else the whole server.
  def renew
    old = workers
    return stop && start if old.empty?

    Process.kill("TERM", *old)
    sleep 0.05 while workers.intersect?(old) || workers.size < old.size
  end
end
