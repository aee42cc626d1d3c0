# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  # The life of a session in a request, for Rack's and Rails' session stores alike: docs/architecture.md draws it.
  #
  # Rack loads a session when the application first asks for it, and commits it when the response is ready. What is sent
  # to DynamoDB then depends on what this request has learnt of the row, which {RequestState} keeps.
  module Persistence
    # How often a save is tried again when others keep changing the same session.
    CONFLICT_ATTEMPTS = 10
    # Seconds, times the attempt, times a random number up to 1.
    CONFLICT_PAUSE = 0.02
    # A random id that is taken means that something is wrong with the generator; once can be bad luck.
    ID_ATTEMPTS = 3
    private_constant :CONFLICT_ATTEMPTS, :CONFLICT_PAUSE, :ID_ATTEMPTS

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
      @store = Native.store(@config)
      @serializer = Serializer.for(@config.serializer)
      # A session in use must not go stale between two touches.
      @touch_interval = [@config.touch_interval, @config.max_stale&./(4)].compact.min.to_f
      @state_key = "dynamo_db.session_state.#{object_id}"
      # Only what is Rack's goes on: its options are in every request's environment, where secrets have no place.
      super(app, @config.rack_options.dup)
    end

    # Loads a session.
    #
    # @param req [Rack::Request]
    # @param sid [Rack::Session::SessionId, nil] from the request's cookie
    # @return [Array(Rack::Session::SessionId, Hash)] a new id and an empty Hash where there is no such session
    def find_session(req, sid)
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
      if options[:renew] && !options[:drop]
        generate_sid.tap { |renewed| state(req).renewed(renewed, sid) }
      else
        reporting_to_handler(req) { destroy(req, sid) }
        generate_sid unless options[:drop]
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
    rescue Errors::Error => e
      @config.error_handler.handle_error(e, req.env)
      nil
    end

    def new_session(req)
      # The old gems told applications so.
      req.set_header("dynamo_db.new_session", "true")
      [generate_sid, {}]
    end

    # The session Hash, or nil where there is none.
    def load_known(req, sid)
      return if state(req)[sid].is_a?(Symbol)

      loaded = false
      session = reporting_to_handler(req) do
        load_row(req, sid).tap { loaded = true }
      end
      return session if loaded

      # Nothing is known of this session, so nothing may be written over it: the request sees an empty one, and its
      # cookie and row stay as they are.
      state(req).failed(sid)
      {}
    end

    def load_row(req, sid)
      row = stored_row(@ids.row_id(sid)) || legacy_row(sid)
      return unless row

      Serializer.load(@serializer, row.data).tap { state(req).found(sid, row) }
    end

    def stored_row(row_id)
      found = @store.load(row_id)
      Row.new(row_id, *found) if found
    end

    def legacy_row(sid)
      row_id = @ids.legacy_row_id(sid)
      stored_row(row_id) if row_id
    end

    def destroy(req, sid)
      # First, so that nothing of this request writes it again, even if DynamoDB does not answer.
      state(req).destroyed(sid)
      @store.destroy(@ids.row_id(sid))
      legacy = @ids.legacy_row_id(sid)
      @store.destroy(legacy) if legacy
    end

    def commit(req, sid, session, options)
      old = state(req).renewal_of(sid)
      known = state(req)[old || sid]
      case known
      when :destroyed then unsaved(sid, options)
      when :failed then old ? create(req, sid, session, options) : unsaved(sid, options)
      when Row then commit_known(req, sid, known, session, options)
      else commit_new(req, sid, session, options)
      end
    end

    # A session that nothing was put into is not worth a row, nor a cookie.
    def commit_new(req, sid, session, options)
      session.empty? ? unsaved(sid, options) : create(req, sid, session, options)
    end

    def commit_known(req, sid, row, session, options)
      data = Serializer.dump(@serializer, session)
      if @ids.row_id(sid) != row.id || changed?(row, data)
        save(req, sid, row, data, options)
      elsif touch_due?(row)
        touch(req, sid, row, options)
      else
        sid
      end
    end

    def create(req, sid, session, options)
      data = Serializer.dump(@serializer, session)
      ID_ATTEMPTS.times do
        row_id = @ids.row_id(sid)
        outcome, found = @store.create(row_id, written(data, nil, options))
        return saved(req, sid, row_id, found) if outcome == :saved

        sid = generate_sid
      end
      raise Errors::Error, "The generator of session ids returned #{ID_ATTEMPTS} times one that is taken"
    end

    # Saves under the row's own id or, where the session is renewed or lies under an old gem's id, moves it to `sid`.
    def save(req, sid, row, data, options)
      base = row
      CONFLICT_ATTEMPTS.times do |attempt|
        outcome, found = store_row(@ids.row_id(sid), row, data, options)
        case outcome
        when :saved then return saved(req, sid, @ids.row_id(sid), found)
        when :gone then return unsaved(sid, options)
        when :taken then sid = generate_sid
        when :changed
          raise Errors::ConflictError if @config.on_conflict == :raise

          row = Row.new(row.id, *found)
          data = merge(base, data, row)
          sleep(CONFLICT_PAUSE * attempt * rand)
        end
      end
      raise Errors::ConflictError
    end

    def store_row(row_id, row, data, options)
      write = written(data, row.created_at, options)
      overwrite = @config.on_conflict == :overwrite
      if row.id != row_id
        @store.rename(row.id, row_id, write, overwrite ? nil : row.data)
      elsif overwrite
        @store.overwrite(row_id, write)
      else
        @store.save(row_id, write, row.data)
      end
    end

    def merge(base, data, current)
      merged = Merge.call(base: Serializer.load(@serializer, base.data), mine: Serializer.load(@serializer, data),
                          theirs: Serializer.load(@serializer, current.data))
      Serializer.dump(@serializer, merged)
    end

    def touch(req, sid, row, options)
      return unsaved(sid, options) unless @store.touch(row.id, row.created_at, seconds(options[:expire_after]))

      row.updated_at = Time.now.to_f
      state(req).found(sid, row)
      sid
    end

    def saved(req, sid, row_id, found)
      state(req).found(sid, Row.new(row_id, *found))
      sid
    end

    # The session was destroyed meanwhile, could not be loaded, or is empty and new: there is no row to point to, and no
    # cookie is set, so that a newer one that the client may have stays.
    def unsaved(sid, options)
      options[:defer] = true
      options[:renew] = false
      sid
    end

    # The text that was loaded may be another writer's, with other spaces or an older form: what counts is the session.
    def changed?(row, data)
      data != row.data && data != Serializer.dump(@serializer, Serializer.load(@serializer, row.data))
    end

    def touch_due?(row)
      row.updated_at.nil? || row.updated_at + @touch_interval <= Time.now.to_f
    end

    def written(data, created_at, options)
      [data, created_at, seconds(options[:expire_after])]
    end

    # Rails' durations are no Numeric.
    def seconds(duration)
      duration&.to_f
    end
  end
end
