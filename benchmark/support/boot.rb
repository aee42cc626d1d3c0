# frozen_string_literal: true

# What benchmark/boot.rb runs in fresh processes: `boot.rb CLIENT URL TABLE COOKIE KEY` loads a client, makes it, and
# makes its first request. After both steps it prints the milliseconds and the KB of resident memory since the start.

name, url, table, cookie, key = ARGV
credentials = { region: "us-east-1", access_key_id: "test", secret_access_key: "test" }

# An application has loaded Rack before, and one of Rails these libraries of Ruby's too.
require "rack"
require "rack/mock"
require "rack/session/abstract/id"
%w[erb json openssl securerandom uri yaml].each { |library| require library } unless name == "bare"

# What loads and makes a client, and returns its first request.
clients = {
  "gem" => lambda do
    require "aws-sessionstore-dynamodb"
    application = ->(env) { [200, {}, [env["rack.session"]["text"]]] }
    options = { endpoint: url, table_name: table, secret_key: "secret", **credentials }
    store = Aws::SessionStore::DynamoDB::RackMiddleware.new(application, options)
    -> { store.call(Rack::MockRequest.env_for("/", "HTTP_COOKIE" => "rack.session=#{cookie}")) }
  end,
  "ruby" => lambda do
    require_relative "ruby_client"
    client = Benchmark::RubyClient.new(url)
    -> { client.get(table, key) }
  end,
  "sdk" => lambda do
    require "aws-sdk-dynamodb"
    client = Aws::DynamoDB::Client.new(endpoint: url, **credentials)
    -> { client.get_item(table_name: table, key: { "session_id" => key }, consistent_read: true) }
  end
}

def milliseconds
  Process.clock_gettime(Process::CLOCK_MONOTONIC) * 1000
end

def resident
  File.read("/proc/self/status")[/^VmRSS:\s+(\d+)/, 1].to_i
end

start = milliseconds
before = resident
request = clients.fetch(name == "bare" ? "gem" : name).call
puts milliseconds - start, resident - before
request.call
puts milliseconds - start, resident - before
