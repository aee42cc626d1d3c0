# frozen_string_literal: true

# What a process does once, before its first request.
module Aws::SessionStore::DynamoDB
  # A key that no session has.
  WARM_UP_KEY = "warm_up"

  # What Ruby loads in the first request otherwise.
  USED_BY_REQUESTS = %i[Compression Lock Merge RequestState Row SizeWarning].freeze
  private_constant :WARM_UP_KEY, :USED_BY_REQUESTS

  # Loads what is left of the gem, makes this process's client, finds its credentials and opens a connection, so that no
  # visitor waits for it. The latter is done by one GetItem of a session that does not exist, which costs one read
  # capacity unit at most. Session stores with the same options use the same client.
  #
  # @example config/puma.rb, in a Rails application
  #   on_worker_boot { Aws::SessionStore::DynamoDB.warm_up }
  # @param options [Hash] those of {Configuration#initialize}; in a Rails application that uses this gem's session store
  #   its own session options are the base
  # @return [Boolean] whether DynamoDB has answered. If not, a warning says why, and the process works on: the first
  #   request tries again
  # @raise [Errors::ConfigurationError] for an option that is unknown or wrong
  def self.warm_up(options = {})
    USED_BY_REQUESTS.each { |name| const_get(name) }
    Rack.const_get(:Request)
    Native.store(Configuration.for_application(options)).load(WARM_UP_KEY)
    true
  rescue Errors::ServiceError, Errors::NetworkError => e
    warn "Sessions in DynamoDB were not warmed up: #{e.message}"
    false
  end
end
