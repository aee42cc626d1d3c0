# frozen_string_literal: true

Rails.application.routes.draw do
  root "pages#show"
  resource :count, only: :create
  resource :sign_in, only: %i[create destroy]
  resources :notes, only: :create

  # Answers when the application is ready, without a session.
  get "up", to: ->(_env) { [200, { "content-type" => "text/plain" }, ["ready\n"]] }
end
