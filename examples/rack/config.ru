# frozen_string_literal: true

# Any Rack application: the middleware puts the session in env["rack.session"].

require "aws-sessionstore-dynamodb"

options = {
  # For this example only. In an application of yours: a long random text that is in no repository.
  secret_key: ENV.fetch("SECRET_KEY", "the secret key of an example"),
  # The embedded engine, which needs no AWS account. Without this line: DynamoDB in AWS.
  endpoint: ENV.fetch("AWS_DYNAMO_DB_SESSION_ENDPOINT", "embedded:#{__dir__}/sessions.sqlite3")
}
Aws::SessionStore::DynamoDB::Table.create_table(options)

use Aws::SessionStore::DynamoDB::RackMiddleware, options

run(lambda do |env|
  session = env["rack.session"]
  text = case env["PATH_INFO"]
         when "/"
           session["visits"] = session.fetch("visits", 0) + 1
           "Visit number #{session["visits"]}. /renew gives the session a new id, /destroy ends it.\n"
         when "/renew"
           session.options[:renew] = true
           "The same session has a new id.\n"
         when "/destroy"
           session.destroy
           "The session is deleted.\n"
         end
  [text ? 200 : 404, { "content-type" => "text/plain" }, [text || "Not found.\n"]]
end)
