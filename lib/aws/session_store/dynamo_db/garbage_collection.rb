# frozen_string_literal: true

require_relative "garbage_collection/progress"
require_relative "garbage_collection/result"
require_relative "garbage_collection/settings"

module Aws::SessionStore::DynamoDB
  # Deletes sessions that are over: older than `max_age`, not used for `max_stale`, or past their `expire_at`. Where
  # neither limit is set, only what is past its `expire_at` is deleted.
  #
  # The table is scanned in segments, and garbage deleted while the scan goes on, with as little memory for a large
  # table as for a small one. Each deletion carries the condition that the row is still as it was seen: a session that
  # is used meanwhile stays. Stopped at any moment (Ctrl-C, `Timeout`), it may be started again.
  #
  # It needs the permissions `dynamodb:Scan` and `dynamodb:DeleteItem`. A table that throttles it is waited for.
  #
  # @example A Rake task outside of Rails
  #   require "aws-sessionstore-dynamodb"
  #
  #   desc "Perform Garbage Collection"
  #   task :garbage_collect do
  #     options = { max_age: 3600 * 24, max_stale: 5 * 3600 }
  #     puts Aws::SessionStore::DynamoDB::GarbageCollection.collect_garbage(options)
  #   end
  # @example Every third part of the table on a machine of its own, with at most 50 capacity units a second each
  #   GarbageCollection.collect_garbage(total_segments: 3, segment: 0, max_capacity: 50)
  module GarbageCollection
    # How many segments are scanned at a time.
    SCANS = 4

    # How many deletions are under way at a time: with DynamoDB's few milliseconds each, as many as one core can send.
    DELETIONS = 100

    # How many rows are asked for at a time: what DynamoDB gives in one answer (1 MB) of sessions of 1 KB.
    PAGE_SIZE = 1000

    # How many sessions of 1 KB a capacity unit reads.
    ROWS_A_UNIT = 8

    # Nobody waits for the collector: it is more patient with DynamoDB than a request.
    MIN_ATTEMPTS = 10
    private_constant :SCANS, :DELETIONS, :PAGE_SIZE, :ROWS_A_UNIT, :MIN_ATTEMPTS

    module_function

    # @param options [Hash] those of {Configuration#initialize}, and these of its own; in a Rails application that uses
    #   this gem's session store, its session options are the base
    # @option options [Boolean] :dry_run (false) count, and delete nothing
    # @option options [Integer] :total_segments (4) into how many parts the table is divided, up to 1,000,000
    # @option options [Integer] :segment which of them to collect, from 0: for several machines, each with its own; all
    #   where it is not given
    # @option options [Numeric] :max_capacity how many capacity units, read and write together, to consume in a second,
    #   from 1; unlimited where it is not given
    # @option options [IO] :output ($stderr) shows the progress if it is a terminal
    # @return [Result] what was done; as text it is one sentence
    # @raise [Errors::ConfigurationError] for an unknown option or a wrong value
    # @raise [Errors::ServiceError, Errors::NetworkError] what was deleted until then stays so
    def collect_garbage(options = {})
      settings, options = Settings.split(options)
      config = Table.load_config(options)
      Instrumentation.publish("collect") do |payload|
        collect(settings, config).tap do |result|
          payload.update(outcome: :collected, capacity_units: result.consumed_capacity,
                         **result.to_h.slice(:scanned, :deleted, :spared, :unreadable, :dry_run))
        end
      end
    end

    # The options of {collect_garbage} that are given on the command line of a Rake task:
    # `DRY_RUN=1 SEGMENT=3 TOTAL_SEGMENTS=16 MAX_CAPACITY=50 rake dynamo_db:collect_garbage`.
    #
    # @param environment [#[]]
    # @return [Hash{Symbol => Object}] those that are set
    # @raise [Errors::ConfigurationError] for a wrong value
    def environment_options(environment = ENV)
      Settings.from_environment(environment)
    end

    # @api private
    def collect(settings, config)
      collector = Native::Collector.new(native_settings(settings, config))
      start = now
      counts = Progress.show(collector, settings.output) { collector.run(Native.store(config)) }
      Result.new(**counts, seconds: now - start, dry_run: settings.dry_run, max_age: config.max_age,
                           max_stale: config.max_stale).freeze
    end

    # @api private
    def native_settings(settings, config)
      {
        total_segments: settings.total_segments,
        segments: settings.segments,
        scans: SCANS,
        deletions: DELETIONS,
        page_size: page_size(settings),
        max_capacity: settings.max_capacity,
        max_attempts: [MIN_ATTEMPTS, config.max_attempts].max,
        dry_run: settings.dry_run
      }
    end

    # With a small allowance a page takes about what one second allows, not at once what is to last for many.
    #
    # @api private
    def page_size(settings)
      return PAGE_SIZE unless settings.max_capacity

      [PAGE_SIZE, (settings.max_capacity * ROWS_A_UNIT).floor].min
    end

    # @api private
    def now
      Process.clock_gettime(Process::CLOCK_MONOTONIC)
    end
  end
end
