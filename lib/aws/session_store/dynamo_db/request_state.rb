# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  # What one request knows of its sessions: Rack calls the store several times in a request, with nothing but ids.
  class RequestState
    # @param request [Rack::Request]
    # @param key [String] the name in the Rack environment, one a store
    # @return [RequestState] this request's
    def self.of(request, key)
      request.get_header(key) || request.set_header(key, new)
    end

    # @return [Array<Lock>] all that this request has taken
    attr_reader :locks

    def initialize
      @cookies = {}
      @rows = {}
      @renewals = {}
      @locks = []
    end

    # Remembers whether a cookie is valid: Rack asks again and again.
    #
    # @param cookie [String]
    # @yieldreturn [Boolean]
    # @return [Boolean]
    def valid_cookie?(cookie)
      @cookies.fetch(cookie) { @cookies[cookie] = yield }
    end

    # @param sid [Rack::Session::SessionId]
    # @param row [Row] as it is in the table
    # @return [Row]
    def found(sid, row)
      @locks << row.lock if row.lock
      @rows[sid.public_id] = row
    end

    # @param sid [Rack::Session::SessionId] of a session that could not be loaded
    def failed(sid)
      @rows[sid.public_id] = :failed
    end

    # @param sid [Rack::Session::SessionId] of a session whose row holds something else
    def unreadable(sid)
      @rows[sid.public_id] = :unreadable
    end

    # @param sid [Rack::Session::SessionId] of a session that this request has destroyed
    def destroyed(sid)
      @rows[sid.public_id] = :destroyed
    end

    # @param sid [Rack::Session::SessionId] under which the session at `old` is to go on
    # @param old [Rack::Session::SessionId]
    def renewed(sid, old)
      @renewals[sid.public_id] = old
    end

    # @return [Row, :failed, :unreadable, :destroyed, nil] nil: this request has not looked
    def [](sid)
      @rows[sid.public_id]
    end

    # @return [Rack::Session::SessionId, nil]
    def renewal_of(sid)
      @renewals[sid.public_id]
    end
  end
end
