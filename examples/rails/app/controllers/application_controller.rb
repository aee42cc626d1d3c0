# frozen_string_literal: true

# What every page has in common.
class ApplicationController < ActionController::Base
  # Without this a browser's back button shows, after signing out, the page of who was signed in.
  before_action { response.headers["Cache-Control"] = "no-store" }

  # Rails wants a token with every form, by default; what it is compared with is in the session.
  rescue_from ActionController::InvalidAuthenticityToken do
    redirect_to root_path, alert: "That form belonged to an earlier session. Please try again."
  end
end
