# frozen_string_literal: true

# Action Cable: a connection is whose session it is. The session is written by a controller, and read when the browser
# opens its WebSocket.

# Rails before 7.1 uses Logger without requiring it.
require "logger"
require "rails"
require "action_controller/railtie"
require "action_cable/engine"
require "aws-sessionstore-dynamodb"

# A room in which everybody signed in reads what everybody says.
class Room < Rails::Application
  config.root = __dir__
  config.load_defaults "#{Rails::VERSION::MAJOR}.#{Rails::VERSION::MINOR}"
  config.eager_load = true
  config.logger = ActiveSupport::Logger.new($stdout)
  config.log_level = :warn

  config.session_store :dynamodb_store,
                       key: "_room_session",
                       # The embedded engine, which needs no AWS account. Without this line: DynamoDB in AWS.
                       endpoint: ENV.fetch("AWS_DYNAMO_DB_SESSION_ENDPOINT", "embedded:sessions.sqlite3")
  config.after_initialize { Aws::SessionStore::DynamoDB::Table.create_table }

  config.action_cable.cable = { "adapter" => "async" }
  config.action_cable.allow_same_origin_as_host = true
  config.action_cable.connection_class = -> { SessionConnection }

  routes.append do
    root "sign_ins#show"
    resource :sign_in, only: %i[create destroy]
  end
end

Room.initialize!

# Whoever is signed in may connect. A connection only reads the session: what it changed would be saved by nobody, as
# it has no response.
class SessionConnection < ActionCable::Connection::Base
  identified_by :name

  def connect
    self.name = request.session[:name] || reject_unauthorized_connection
  end
end

# Everything that is said.
class TalkChannel < ActionCable::Channel::Base
  def subscribed
    stream_from "talk"
  end

  def say(data)
    ActionCable.server.broadcast("talk", { "name" => name, "text" => data.fetch("text").to_s.first(200) })
  end
end

# Signing in and out, and the page.
class SignInsController < ActionController::Base
  def show
    render inline: PAGE
  end

  def create
    request.session_options[:renew] = true
    session[:name] = params[:name].to_s.first(40)
    redirect_to root_path
  end

  # What is open is closed too, on all servers: it was let in by a session that is no more.
  def destroy
    ActionCable.server.remote_connections.where(name: session[:name]).disconnect if session[:name]
    reset_session
    redirect_to root_path
  end

  PAGE = <<~HTML
    <!DOCTYPE html>
    <title>A room, with sessions in DynamoDB</title>
    <% if session[:name] %>
      <p>Signed in as <strong id="who"><%= session[:name] %></strong>.</p>
      <%= button_to "Sign out", sign_in_path, method: :delete %>
      <input id="text" placeholder="Say something, and press Enter" size="40">
      <ul id="talk"></ul>
      <script>
        const identifier = JSON.stringify({ channel: "TalkChannel" });
        const socket = new WebSocket(location.origin.replace("http", "ws") + "/cable", ["actioncable-v1-json"]);
        const send = (command, data) =>
          socket.send(JSON.stringify({ command, identifier, ...(data && { data: JSON.stringify(data) }) }));
        socket.onmessage = ({ data }) => {
          const { type, message } = JSON.parse(data);
          if (type === "welcome") send("subscribe");
          if (!type) talk.append(Object.assign(document.createElement("li"), { textContent: `${message.name}: ${message.text}` }));
        };
        const text = document.getElementById("text"), talk = document.getElementById("talk");
        text.onchange = () => { send("message", { action: "say", text: text.value }); text.value = ""; };
      </script>
    <% else %>
      <%= form_with url: sign_in_path do |form| %>
        <%= form.label :name, "Your name (any will do)" %>
        <%= form.text_field :name, required: true %>
        <%= form.submit "Sign in", data: { disable_with: false } %>
      <% end %>
    <% end %>
  HTML
  private_constant :PAGE
end

run Room
