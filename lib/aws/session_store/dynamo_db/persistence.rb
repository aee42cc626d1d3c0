# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  # The life of a session in a request, for Rack's and Rails' session stores alike: docs/architecture.md draws it.
  #
  # Rack loads a session when the application first asks for it, and commits it when the response is ready. What is sent
  # to DynamoDB then depends on what this request has learnt of the row.
  #
  # @example A store of one's own that forgets sessions of visitors from elsewhere
  #   class InternalSessions < Aws::SessionStore::DynamoDB::RackMiddleware
  #     def find_session(req, sid)
  #       super(req, req.ip.start_with?("10.") ? sid : nil)
  #     end
  #   end
  module Persistence
    include Commit

    # @return [Configuration]
    attr_reader :config

    # @param app [#call] the Rack application
    # @param options [Hash] those of {Configuration#initialize}, and Rack's
    # @raise [Errors::MissingSecretKeyError] without a secret key
    # @raise [Errors::ConfigurationError] for an option that is unknown or wrong
    def initialize(app, options = {})
      @config = Configuration.new(options)
      @config.require_secret_key!
      @ids = SessionIds.new(secret_keys: Array(@config.secret_key), legacy_cookies: @config.legacy_cookies,
                            row_ids: @config.row_ids)
      @store = Instrumentation.wrap(Native.store(@config))
      # What the user's own client raises is the handler's business too, whatever its class.
      @reported = @config.dynamo_db_client ? StandardError : Errors::Error
      @serializer = Serializer.for(@config.serializer)
      # A session in use must not go stale between two touches.
      @touch_interval = [@config.touch_interval, @config.max_stale&./(4)].compact.min.to_f
      @state_key = "dynamo_db.session_state.#{object_id}"
      # Only what is Rack's goes on: its options are in every request's environment, where secrets have no place.
      super(app, @config.rack_options.dup)
    end

    # Runs the application, and gives back the locks that the request took, however it ended.
    #
    # @param env [Hash] the Rack environment
    # @param app [#call]
    # @return [Array] Rack's response
    def context(env, app = @app)
      super
    ensure
      release_locks(env) if @config.enable_locking
    end

    # Loads a session.
    #
    # @param req [Rack::Request]
    # @param sid [Rack::Session::SessionId, nil] from the request's cookie
    # @return [Array(Rack::Session::SessionId, Hash)] a new id and an empty Hash where there is no such session
    def find_session(req, sid)
      sid &&= state(req).current(sid)
      session = sid && load_known(req, sid)
      session ? [sid, session] : new_session(req)
    end

    # Saves a session, if it has changed.
    #
    # @param req [Rack::Request]
    # @param sid [Rack::Session::SessionId]
    # @param session [Hash]
    # @param options [Hash] the request's session options
    # @return [Rack::Session::SessionId, false] false where it was not saved
    def write_session(req, sid, session, options)
      reporting_to_handler(req) { return commit(req, sid, session, options) }
      false
    end

    # Destroys a session, or, with the option `renew`, prepares its move to a new id.
    #
    # @param req [Rack::Request]
    # @param sid [Rack::Session::SessionId]
    # @param options [Hash] the request's session options
    # @return [Rack::Session::SessionId, nil] the new id; nil with the option `drop`
    def delete_session(req, sid, options)
      sid = state(req).current(sid)
      if options[:renew] && !options[:drop]
        generate_sid.tap { |renewed| state(req).renewed(renewed, sid) }
      else
        reporting_to_handler(req) { destroy(req, sid) }
        fresh_sid(req) unless options[:drop]
      end
    end

    # @return [Rack::Session::SessionId] a new, signed id
    def generate_sid(*)
      @ids.sign(super)
    end

    # @param req [Rack::Request]
    # @return [Rack::Session::SessionId, nil] nil for a cookie that is missing or not ours
    def extract_session_id(req)
      sid = super
      return if sid.nil? || sid.public_id.empty?

      sid if state(req).valid_cookie?(sid.public_id) { valid_cookie?(req, sid.public_id) }
    end

    private

    def state(req)
      RequestState.of(req, @state_key)
    end

    def valid_cookie?(req, cookie)
      @ids.valid?(cookie) || begin
        @config.error_handler.handle_error(Errors::InvalidIDError.new, req.env)
        false
      end
    rescue Errors::InvalidIDError
      # The client chose that input: whatever the handler does with it, it is no failure of this application.
      false
    end

    # Yields, and hands what goes wrong to the error handler, which decides whether it is raised.
    def reporting_to_handler(req)
      yield
    rescue @reported => e
      report(req, e)
    end

    def report(req, error)
      @config.error_handler.handle_error(error, req.env)
      nil
    end

    def new_session(req)
      # The old gems told applications so.
      req.set_header("dynamo_db.new_session", "true")
      [fresh_sid(req), {}]
    end

    def fresh_sid(req)
      generate_sid.tap { |sid| state(req).fresh(sid) }
    end

    # The session Hash, or nil where there is none.
    def load_known(req, sid)
      return if state(req)[sid].is_a?(Symbol)

      load_row(req, sid)
    rescue Errors::InvalidDataError => e
      # It will be no better next time: whoever it belongs to needs a new session. The row stays, for whoever mends it.
      state(req).unreadable(sid)
      report(req, e)
    rescue @reported => e
      # Nothing is known of this session, so nothing may be written over it: the request sees an empty one, and its
      # cookie and row stay as they are.
      state(req).failed(sid)
      report(req, e)
      {}
    end

    def load_row(req, sid)
      row = state(req)[sid] || stored_row(req, sid)
      Serializer.load(@serializer, row.seen = row.text) if row
    end

    def stored_row(req, sid)
      @ids.row_ids(sid).each do |row_id|
        row = read_row(req, row_id)
        return state(req).found(sid, row) if row
      end
      nil
    end

    def read_row(req, row_id)
      return Lock.take(@store, row_id, @config) if @config.enable_locking && !state(req).finished?

      found = @store.load(row_id)
      found && Row.new(row_id, *found)
    end

    def release_locks(env)
      RequestState.of(Rack::Request.new(env), @state_key).finish.each do |lock|
        lock.release
      rescue @reported => e
        @config.error_handler.handle_error(e, env)
      end
    end

    def destroy(req, sid)
      known = state(req)[sid]
      # First, so that nothing of this request writes it again, even if DynamoDB does not answer.
      state(req).destroyed(sid)
      return if known == :fresh

      # Its own place last: whatever moves it there meanwhile is too late.
      @ids.row_ids(sid).uniq.reverse_each { |row_id| @store.destroy(row_id) }
      known.lock&.gone if known.is_a?(Row)
    end
  end
end
