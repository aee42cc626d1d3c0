# frozen_string_literal: true

# A value of the session that changes.
class CountsController < ApplicationController
  def create
    session[:count] = session[:count].to_i + 1
    redirect_to root_path
  end
end
