# frozen_string_literal: true

# The one page: the session as the application sees it, and its row.
class PagesController < ApplicationController
  def show
    @notes = session.to_hash.select { |key, _| key.start_with?(NotesController::PREFIX) }.values
    @row = Aws::SessionStore::DynamoDB::Table.item(session.id) if session.id
  end
end
