# frozen_string_literal: true

require "securerandom"

module Aws::SessionStore::DynamoDB
  # A session's pessimistic lock, held by one request.
  #
  # @api private
  class Lock
    # Takes the lock and reads the row in one call; waits where another request holds it. From then on it is renewed in
    # the background, so that a slow request keeps it; a process that dies stops renewing.
    #
    # @param store [Native::Store]
    # @param row_id [String]
    # @param config [Configuration]
    # @return [Row, nil] with its lock; nil where there is no such session
    # @raise [Errors::LockWaitTimeoutError]
    def self.take(store, row_id, config)
      settings = [config.lock_expiry_time / 1000.0, config.lock_retry_delay / 1000.0, config.lock_max_wait_time.to_f]
      token = SecureRandom.hex(16)
      found = store.lock(row_id, token, settings)
      Row.new(row_id, *found, new(store, row_id, token, settings)) if found
    end

    # @return [String]
    attr_reader :token

    def initialize(store, row_id, token, settings)
      @store = store
      @row_id = row_id
      @token = token
      @keeper = keeper(settings)
      @held = true
    end

    # Gives the lock back, if it was not given back yet.
    def release
      given_back { @store.unlock(@row_id, @token) }
    end

    # Gives the lock back and notes that the session was used.
    #
    # @param row [Row]
    # @param expire_after [Float, nil] seconds
    # @return [Boolean] false where the session is gone or the lock was lost
    def touch_and_release(row, expire_after)
      given_back { @store.touch_and_unlock(@row_id, @token, row.created_at, expire_after) }
    end

    # The row was saved or destroyed, and the lock went with that.
    def gone
      given_back { nil }
    end

    private

    def keeper(settings)
      return RubyKeeper.new(@store, @row_id, @token, settings.first) if @store.client

      @store.keep_lock(@row_id, @token, settings)
    end

    # First the keeper stops: it must not renew what is being given back. Only once: a second time it may be another's.
    def given_back
      return unless @held

      @keeper.stop
      result = yield
      @held = false
      result
    end

    # Renews the lock of a `dynamo_db_client`, which only a thread of Ruby can call.
    class RubyKeeper
      def initialize(store, row_id, token, expiry)
        @thread = Thread.new do
          loop do
            sleep(expiry / 3)
            break unless renewed?(store, row_id, token)
          end
        end
      end

      def stop
        @thread.kill
      end

      private

      # A renewal that failed is tried again; whether the lock is lost is for the save to find out.
      def renewed?(store, row_id, token)
        store.renew_lock(row_id, token)
      rescue StandardError
        true
      end
    end
    private_constant :RubyKeeper
  end
end
