# frozen_string_literal: true

# A Sinatra application: `session` is the one in DynamoDB.

require "aws-sessionstore-dynamodb"
require "sinatra/base"

# Greets whoever has signed in.
class Greeter < Sinatra::Base
  enable :sessions
  set :session_store, Aws::SessionStore::DynamoDB::RackMiddleware
  set :sessions,
      key: "_greeter_session",
      # For this example only. In an application of yours: a long random text that is in no repository. Sinatra's own
      # session_secret is not used.
      secret_key: ENV.fetch("SECRET_KEY", "the secret key of an example"),
      # The embedded engine, which needs no AWS account. Without this line: DynamoDB in AWS.
      endpoint: ENV.fetch("AWS_DYNAMO_DB_SESSION_ENDPOINT", "embedded:#{__dir__}/sessions.sqlite3")

  # Every form carries a token that belongs to the session.
  use Rack::Protection::AuthenticityToken

  helpers do
    def token
      Rack::Protection::AuthenticityToken.token(session)
    end
  end

  get("/") { erb PAGE }

  post "/sign_in" do
    # The same session under a new id: whoever may have learned the old one has nothing by it.
    session.options[:renew] = true
    session["name"] = params["name"].to_s.strip[0, 40]
    redirect "/"
  end

  post "/sign_out" do
    # Deletes the row: the old cookie is worth nothing from now on.
    session.destroy
    redirect "/"
  end

  PAGE = <<~HTML
    <!DOCTYPE html>
    <title>A session in DynamoDB</title>
    <% if session["name"] %>
      <p>Hello, <strong id="who"><%== session["name"] %></strong>.</p>
      <form action="/sign_out" method="post">
        <input type="hidden" name="authenticity_token" value="<%= token %>">
        <button type="submit">Sign out</button>
      </form>
    <% else %>
      <form action="/sign_in" method="post">
        <input type="hidden" name="authenticity_token" value="<%= token %>">
        <label>Your name (any will do) <input name="name" required></label>
        <button type="submit">Sign in</button>
      </form>
    <% end %>
  HTML
end

Aws::SessionStore::DynamoDB::Table.create_table(Greeter.sessions)

run Greeter
