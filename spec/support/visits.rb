# frozen_string_literal: true

# An application with the installed gem and Rack, and nothing of a checkout: run as a program, it serves two visits of
# one session. Prints what they got, the native library's path, and the gems that were loaded beside Ruby's own, a line
# each; fails where the session was not kept.

gem "aws-sessionstore-dynamodb"
require "aws-sessionstore-dynamodb"

options = { secret_key: "the secret key of a spec", endpoint: "embedded" }
Aws::SessionStore::DynamoDB::Table.create_table(options)

application = lambda do |env|
  session = env["rack.session"]
  session["visits"] = session.fetch("visits", 0) + 1
  [200, { "content-type" => "text/plain" }, ["visit #{session["visits"]}"]]
end
browser = Rack::MockRequest.new(Aws::SessionStore::DynamoDB::RackMiddleware.new(application, options))

first = browser.get("/")
second = browser.get("/", "HTTP_COOKIE" => first["set-cookie"][/\A[^;]+/])
puts first.body, second.body
puts $LOADED_FEATURES.grep(/aws_sessionstore_dynamodb/)
# Debian has some of the gems that come with Ruby as packages too.
puts Gem.loaded_specs.keys.reject { |name| Gem::Specification.stubs_for(name).any?(&:default_gem?) }.sort.join(" ")
exit second.body == "visit 2"
