# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  # What one request knows of its sessions: Rack calls the store several times in a request, with nothing but ids.
  #
  # @api private
  class RequestState
    # @param request [Rack::Request]
    # @param key [String] the name in the Rack environment, one a store
    # @return [RequestState] this request's
    def self.of(request, key)
      request.get_header(key) || request.set_header(key, new)
    end

    def initialize
      @cookies = {}
      @rows = {}
      @renewals = {}
      @moves = {}
      @locks = []
      @finished = false
    end

    # Ends the request. What is loaded from now on, by a body that streams or a page that shows an error, is not saved
    # any more, and must not be locked: nobody would give the lock back.
    #
    # @return [Array<Lock>] all that this request has taken
    def finish
      @finished = true
      @locks
    end

    # @return [Boolean]
    def finished?
      @finished
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

    # @param asked [Rack::Session::SessionId] under which it was to be saved
    # @param sid [Rack::Session::SessionId] under which it was saved
    # @param row [Row] as it is in the table
    def saved(asked, sid, row)
      before = @renewals.delete(asked.public_id)
      [before, asked].compact.each { |id| @moves[id.public_id] = sid unless id.public_id == sid.public_id }
      found(sid, row)
    end

    # Where a session is now: Rack keeps the id under which a request has loaded it, also when it has moved since.
    #
    # @param sid [Rack::Session::SessionId]
    # @return [Rack::Session::SessionId]
    def current(sid)
      @moves.key?(sid.public_id) ? current(@moves[sid.public_id]) : sid
    end

    # @param sid [Rack::Session::SessionId] one that this request has just made up
    def fresh(sid)
      @rows[sid.public_id] = :fresh
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

    # @return [Row, :fresh, :failed, :unreadable, :destroyed, nil] nil: this request has not looked
    def [](sid)
      @rows[sid.public_id]
    end

    # @return [Rack::Session::SessionId, nil]
    def renewal_of(sid)
      @renewals[sid.public_id]
    end
  end
end
