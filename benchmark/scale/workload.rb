# frozen_string_literal: true

require_relative "row"

module Benchmark
  module Scale
    # What visitors do to a session store, and the capacity units that it takes:
    # <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html>
    #
    # Not in it: sessions that begin and end (a write each), renewals of an id (a transaction, four times a write),
    # conflicts, and waiting for locks.
    #
    # @!attribute requests [Numeric] a second
    # @!attribute sessions [Numeric] rows of the table
    # @!attribute active [Numeric] sessions that are used at the same time: the requests come to these, at random
    # @!attribute sizes [Hash{Integer => Numeric}] bytes of a session's data to the share of sessions that have them
    # @!attribute loaded [Numeric] share of the requests that load a session, from 0 to 1
    # @!attribute changed [Numeric] share of the requests that change it, from 0 to `loaded`
    # @!attribute touch_interval [Numeric] seconds: the least of the options `touch_interval`, `max_stale` / 4 and
    #   `expire_after` / 4
    # @!attribute consistent [Boolean] the option `consistent_read`
    # @!attribute locking [Boolean] the option `enable_locking`
    # @!attribute expires [Boolean] whether `max_age`, `max_stale` or `expire_after` is set
    Workload = Struct.new(:requests, :sessions, :active, :sizes, :loaded, :changed, :touch_interval, :consistent,
                          :locking, :expires, keyword_init: true) do
      # @raise [ArgumentError] for what is missing or cannot be
      def initialize(consistent: true, locking: false, expires: false, **)
        super
        missing = members.select { |name| self[name].nil? }
        raise ArgumentError, "missing: #{missing.join(", ")}" if missing.any?

        check("sizes", sizes.values.sum, 0.999999..1.000001, "shares that make 1")
        check("loaded", loaded, 0..1, "a share from 0 to 1")
        check("changed", changed, 0..loaded, "a share from 0 to that of loaded, #{loaded}")
        check("active", active, 1..sessions, "a number from 1 to that of sessions, #{sessions}")
      end

      # @return [Float] read units a second
      def reads
        locking ? 0.0 : loads * mean { |row| row.read_units(consistent:) }
      end

      # @return [Float] write units a second
      def writes
        (locking ? 2 * loads : changes + touches) * mean(&:write_units)
      end

      # @return [Float] sessions a second that are not changed, but whose use is noted
      def touches
        active * touches_of_one
      end

      # A store that writes at every request: a GetItem and an UpdateItem, whether the session has changed or not.
      #
      # @return [Workload]
      def written_always
        dup.tap { |workload| workload.touch_interval = 0 }
      end

      # @yieldparam row [Row]
      # @return [Float] of all sessions
      def mean
        sizes.sum { |data, share| yield(Row.new(data, expires:, locking:)) * share }
      end

      # @return [Float] bytes that the table has, as DynamoDB bills them
      def stored
        sessions * mean(&:stored)
      end

      private

      def check(name, value, range, expected)
        raise ArgumentError, "#{name}: expected #{expected}, got #{value}" unless range.cover?(value)
      end

      def loads
        requests * loaded
      end

      def changes
        requests * changed
      end

      # From one write of a session to its next: either it is changed before it is due, or whichever request is the
      # first after that writes. Requests come at random (Poisson), so both are waited for exponentially.
      def touches_of_one
        use = loads.fdiv(active)
        return 0.0 if use.zero?

        change = changes.fdiv(active)
        due = Math.exp(-change * touch_interval)
        until_due = change.zero? ? touch_interval : (1 - due) / change
        due * (1 - (change / use)) / (until_due + (due / use))
      end
    end
  end
end
