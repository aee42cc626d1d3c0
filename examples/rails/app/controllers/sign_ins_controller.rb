# frozen_string_literal: true

# Signing in and out. Anybody may be anybody: it is the session that is shown here, not a password.
class SignInsController < ApplicationController
  def create
    name = params[:name].to_s.strip.first(40)
    return redirect_to(root_path, alert: "Please enter a name to sign in.") if name.empty?

    # The same session under a new id: whoever may have learned the old one has nothing by it.
    request.session_options[:renew] = true
    session[:name] = name
    session[:signed_in_at] = Time.now.utc.to_s
    # A cookie beside the session's, which outlives it: it fills in the form the next time.
    cookies.permanent.signed[:last_name] = { value: name, httponly: true, same_site: :lax }
    redirect_to root_path, notice: "You are signed in as #{name}. Your session has a new id."
  end

  def destroy
    # Deletes the row: the old cookie is worth nothing from now on.
    reset_session
    redirect_to root_path, notice: "You are signed out. Your old session is deleted."
  end
end
