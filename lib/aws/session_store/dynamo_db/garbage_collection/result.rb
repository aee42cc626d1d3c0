# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  module GarbageCollection
    # What a garbage collection did.
    #
    # @!attribute scanned [Integer] rows that were looked at
    # @!attribute garbage [Integer] those of them that were over
    # @!attribute deleted [Integer] those of the garbage that are gone; 0 in a dry run
    # @!attribute spared [Integer] those of the garbage that were used before their turn to be deleted, and stay
    # @!attribute unreadable [Integer] rows with timestamps that cannot be read; they stay
    # @!attribute consumed_capacity [Float] capacity units, read and write together, as DynamoDB reports them; for a
    #   row that was spared it reports none
    # @!attribute seconds [Float] how long it took
    # @!attribute dry_run [Boolean] whether nothing was to be deleted
    # @!attribute max_age [Numeric, nil] the limit that it went by, in seconds
    # @!attribute max_stale [Numeric, nil] the limit that it went by, in seconds
    Result = Struct.new(:scanned, :garbage, :deleted, :spared, :unreadable, :consumed_capacity, :seconds, :dry_run,
                        :max_age, :max_stale, keyword_init: true) do
      alias_method :dry_run?, :dry_run

      # @return [String] one sentence
      def to_s
        "Sessions scanned: #{scanned}, #{outcome}, unreadable: #{unreadable}, " \
          "capacity units consumed: #{consumed_capacity.round(1)}, seconds: #{seconds.round(1)}; #{limits}."
      end

      private

      def outcome
        return "to be deleted: #{garbage} (dry run: nothing was deleted)" if dry_run?

        "deleted: #{deleted}, spared because they were used meanwhile: #{spared}"
      end

      def limits
        set = { max_age:, max_stale: }.compact
        if set.empty?
          return "neither max_age nor max_stale is set, so sessions do not expire, and only what is past its " \
                 "expire_at goes"
        end

        "limits: #{set.map { |name, seconds| "#{name} #{seconds} s" }.join(", ")}"
      end
    end
  end
end
