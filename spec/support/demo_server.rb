# frozen_string_literal: true

require "support/child_server"
require "support/free_port"

# The demo application of examples/rails as bin/demo serves it: Puma, two workers, `preload_app!`.
class DemoServer < ChildServer
  ROOT = File.expand_path("../..", __dir__)

  attr_reader :url

  # @param env [Hash] AWS_DYNAMO_DB_SESSION_ENDPOINT and what else the session store is to be told
  # @param puma [Array<String>] more of Puma's options
  def initialize(env, puma: [])
    port = FreePort.find
    @url = "http://127.0.0.1:#{port}"
    super(
      "puma", "--silent", "--config", "#{ROOT}/examples/rails/config/puma.rb", *puma,
      url: "#{@url}/up", log: "#{ROOT}/tmp/demo_spec.log",
      env: { "PORT" => port.to_s, "RUBYLIB" => [*ENV.fetch("RUBYLIB", nil), "#{ROOT}/lib"].join(":"), **env }
    )
  end

  def restart
    stop
    start
  end
end
