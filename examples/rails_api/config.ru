# frozen_string_literal: true

# A Rails application in API mode, which has no sessions by itself: the marked lines add them.

# Rails before 7.1 uses Logger without requiring it.
require "logger"
require "rails"
require "action_controller/railtie"
require "aws-sessionstore-dynamodb"

# Signs in and out by JSON.
class Api < Rails::Application
  config.root = __dir__
  config.load_defaults "#{Rails::VERSION::MAJOR}.#{Rails::VERSION::MINOR}"
  config.eager_load = true
  config.logger = ActiveSupport::Logger.new($stdout)
  config.log_level = :warn
  config.api_only = true

  # Sessions.
  config.session_store :dynamodb_store,
                       key: "_api_session",
                       # The embedded engine, which needs no AWS account. Without this line: DynamoDB in AWS.
                       endpoint: ENV.fetch("AWS_DYNAMO_DB_SESSION_ENDPOINT", "embedded:sessions.sqlite3")
  config.middleware.use ActionDispatch::Cookies
  config.middleware.use config.session_store, config.session_options

  config.after_initialize { Aws::SessionStore::DynamoDB::Table.create_table }

  routes.append { resource :session, only: %i[show create destroy] }
end

Api.initialize!

# Who is signed in.
class SessionsController < ActionController::API
  # What a browser sends cookies with needs a token: it is in the answer, and wanted in the header X-CSRF-Token.
  include ActionController::RequestForgeryProtection
  protect_from_forgery with: :exception
  rescue_from(ActionController::InvalidAuthenticityToken) { head :unprocessable_entity }

  def show
    render json: { name: session[:name], csrf_token: form_authenticity_token }
  end

  def create
    # The same session under a new id: whoever may have learned the old one has nothing by it.
    request.session_options[:renew] = true
    session[:name] = params.require(:name).to_s.first(40)
    show
  end

  def destroy
    # Deletes the row: the old cookie is worth nothing from now on.
    reset_session
    head :no_content
  end
end

run Api
