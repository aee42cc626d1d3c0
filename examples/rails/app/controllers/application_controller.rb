# frozen_string_literal: true

# What every page has in common.
class ApplicationController < ActionController::Base
  rescue_from ActionController::InvalidAuthenticityToken do
    redirect_to root_path, alert: "That form belonged to an earlier session. Please try again."
  end
end
