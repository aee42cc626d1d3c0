# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  # The end of a request: what is sent to DynamoDB then depends on what the request has learnt of the row, which
  # {RequestState} keeps. Part of {Persistence}.
  #
  # @api private
  module Commit
    # How often a save is tried when others keep changing the same session. There is no pause between: the answer to a
    # save that failed holds the row as it is now, and a merge with it gets worse with every moment. Of all that try at
    # the same time one gets through, so it is soon everybody's turn.
    CONFLICT_ATTEMPTS = 100
    # A random id that is taken means that something is wrong with the generator; once can be bad luck.
    ID_ATTEMPTS = 3
    private_constant :CONFLICT_ATTEMPTS, :ID_ATTEMPTS

    private

    def commit(req, sid, session, options)
      sid = state(req).current(sid)
      old = state(req).renewal_of(sid)
      known = state(req)[old || sid]
      case known
      when :destroyed then unsaved(sid, options)
      # Only a new id that the application asked for may take what it left in a session that could not be loaded.
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
      # A session that is renewed, or lies under an old gem's id, moves. The latter waits for its next write.
      if state(req).renewal_of(sid) || changed?(row, data) || (moves?(sid, row) && touch_due?(row, options))
        save(req, sid, row, data, options)
      elsif row.lock || touch_due?(row, options)
        touch(req, sid, row, options)
      else
        sid
      end
    end

    def create(req, sid, session, options)
      data = Serializer.dump(@serializer, session)
      asked = sid
      ID_ATTEMPTS.times do
        outcome, found = @store.create(@ids.row_id(sid), written(data, nil, options))
        return saved(req, asked, sid, found, data) if outcome == :saved

        sid = generate_sid
      end
      raise Errors::Error, "The generator of session ids returned #{ID_ATTEMPTS} times one that is taken"
    end

    # Saves under the row's own id or, where the session is renewed or lies under an old gem's id, moves it to `sid`.
    def save(req, sid, row, data, options)
      asked = sid
      origin = state(req).renewal_of(sid) || sid
      CONFLICT_ATTEMPTS.times do
        outcome, found = store_row(@ids.row_id(sid), row, merged(row, data), options)
        return saved(req, asked, sid, found, data) if outcome == :saved
        raise Errors::LockLostError if outcome == :lock_lost

        other = others(row, outcome, found, origin)
        return unsaved(sid, options) if other.nil? && outcome == :gone

        other ? row = other : sid = generate_sid
      end
      raise Errors::ConflictError
    end

    # The row as another request has left it, here or, where it has moved it, elsewhere.
    def others(row, outcome, found, origin)
      other = outcome == :changed ? Row.new(row.id, *found, nil, row.seen) : moved(row, origin)
      raise Errors::ConflictError if other && @config.on_conflict == :raise

      other
    end

    def moved(row, origin)
      (@ids.row_ids(origin).uniq - [row.id]).each do |row_id|
        found = @store.load(row_id)
        return Row.new(row_id, *found, nil, row.seen) if found
      end
      nil
    end

    def store_row(row_id, row, data, options)
      write = written(data, row.created_at, options)
      if row.id == row_id
        @store.save(row_id, write, guard(row))
      else
        @store.rename(row.id, row_id, write, guard(row))
      end.tap { |outcome, _| row.lock&.gone if outcome == :saved }
    end

    # What must hold of the row for the save to go through.
    def guard(row)
      return [:locked, row.lock.token] if row.lock

      @config.on_conflict == :overwrite ? [:exists, nil] : [:unchanged, row.data]
    end

    def moves?(sid, row)
      row.id != @ids.row_id(sid)
    end

    # The request's own changes, on top of what others have saved since it saw the row.
    def merged(row, data)
      return data if row.text == row.seen || @config.on_conflict == :overwrite

      base, mine, theirs = [row.seen, data, row.text].map { |text| Serializer.load(@serializer, text) }
      Serializer.dump(@serializer, Merge.call(base:, mine:, theirs:))
    end

    def touch(req, sid, row, options)
      expire_after = seconds(options[:expire_after])
      touched = if row.lock
                  row.lock.touch_and_release(row, expire_after)
                else
                  @store.touch(row.id, row.created_at, expire_after)
                end
      return unsaved(sid, options) unless touched

      row.updated_at = Time.now.to_f
      state(req).found(sid, row)
      sid
    end

    def saved(req, asked, sid, found, data)
      row = Row.new(@ids.row_id(sid), *found, nil, data)
      state(req).saved(asked, sid, row)
      SizeWarning.check(row, @config.size_warning, @serializer)
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
      data != row.seen && data != Serializer.dump(@serializer, Serializer.load(@serializer, row.seen))
    end

    # A session in use must not expire with its cookie between two touches.
    def touch_due?(row, options)
      interval = [@touch_interval, seconds(options[:expire_after])&./(4)].compact.min
      row.updated_at.nil? || row.updated_at + interval <= Time.now.to_f
    end

    def written(data, created_at, options)
      [Compression.pack(data, @config.compress), created_at, seconds(options[:expire_after])]
    end

    # Rails' durations are no Numeric.
    def seconds(duration)
      duration&.to_f
    end
  end
end
