# frozen_string_literal: true

# Notes that one visitor may take in several tabs at the same time.
class NotesController < ApplicationController
  PREFIX = "note_"

  # Each note is a key of its own: requests that overlap are merged key by key, and keep one another's.
  def create
    session[PREFIX + SecureRandom.hex(4)] = params[:text].to_s.strip.first(80)
    sleep params[:seconds].to_i.clamp(0, 5)
    redirect_to root_path
  end
end
