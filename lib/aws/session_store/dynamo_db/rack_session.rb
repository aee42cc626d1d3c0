# frozen_string_literal: true

require "rack"

begin
  require "rack/session/abstract/id"
rescue LoadError
  # Rack 3 keeps sessions in a gem of their own, under the same path.
  raise LoadError, "Rack 3 and later need the gem rack-session: add it to the Gemfile"
end
