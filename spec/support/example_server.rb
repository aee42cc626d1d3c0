# frozen_string_literal: true

require "support/child_server"
require "support/free_port"

# One of the applications in examples/, started by the very line that examples/README.md has for it.
class ExampleServer < ChildServer
  ROOT = File.expand_path("../..", __dir__)

  # @return [URI::HTTP] of its first page
  attr_reader :url

  # @param path [String] what the line names in examples/, for example "rack/config.ru"
  # @param env [Hash] AWS_DYNAMO_DB_SESSION_ENDPOINT and what else the session store is to be told
  # @param log [String] the file that takes what it prints
  def initialize(path, env:, log:)
    line = File.readlines("#{ROOT}/examples/README.md").find { |each| each.start_with?(" ") && each.include?(path) }
    port = FreePort.find
    url = "http://127.0.0.1:#{port}/"
    # The shell becomes the server, so that signals reach it.
    super("sh", "-c", "cd \"$0\" && exec env #{line.strip.sub("9292", port.to_s)}", ROOT, url:, log:, env:)
  end
end
