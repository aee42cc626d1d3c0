# frozen_string_literal: true

require "support/child_server"
require "support/free_port"

# Amazon's own DynamoDB Local: the one that DYNAMODB_LOCAL_ENDPOINT names, or else one that is started at the first
# use, from the folder where bin/setup puts it, and stopped when the specs end.
module DynamoDBLocal
  FOLDER = File.expand_path("../../tmp/dynamodb-local", __dir__)

  class << self
    # @return [String] an endpoint that answers
    # @raise [RuntimeError] when it cannot be had: what was to be shown on it is then not shown
    def endpoint
      @endpoint ||= ENV.fetch("DYNAMODB_LOCAL_ENDPOINT") { start }
    end

    private

    def start
      jar = File.join(FOLDER, "DynamoDBLocal.jar")
      File.exist?(jar) || raise("There is no DynamoDB Local at #{jar}: run bin/setup, or set DYNAMODB_LOCAL_ENDPOINT.")

      port = FreePort.find
      url = "http://127.0.0.1:#{port}"
      server = ChildServer.new(
        "java", "-Djava.library.path=#{FOLDER}/DynamoDBLocal_lib", "-jar", jar,
        "-inMemory", "-sharedDb", "-port", port.to_s,
        url: "#{url}/", log: "#{FOLDER}/server.log"
      ).start
      at_exit { server.stop }
      url
    end
  end
end
