# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  module GarbageCollection
    # What a garbage collection did.
    #
    # @example
    #   result = Aws::SessionStore::DynamoDB::GarbageCollection.collect_garbage(max_stale: 18_000)
    #   result.deleted # => 1204
    #   puts result    # Sessions scanned: 9120, deleted: 1204, spared because they were used meanwhile: 1, …
    # @!attribute [r] scanned
    #   @return [Integer] rows that were looked at
    # @!attribute [r] garbage
    #   @return [Integer] those of them that were over
    # @!attribute [r] deleted
    #   @return [Integer] those of the garbage that are gone; 0 in a dry run
    # @!attribute [r] spared
    #   @return [Integer] those of the garbage that were used before their turn to be deleted, and stay
    # @!attribute [r] unreadable
    #   @return [Integer] rows with timestamps that cannot be read; they stay
    # @!attribute [r] consumed_capacity
    #   @return [Float] capacity units, read and write together, as DynamoDB reports them; for a row that was spared it
    #     reports none
    # @!attribute [r] seconds
    #   @return [Float] how long it took
    # @!attribute [r] dry_run
    #   @return [Boolean] whether nothing was to be deleted
    # @!attribute [r] max_age
    #   @return [Numeric, nil] the limit that it went by, in seconds
    # @!attribute [r] max_stale
    #   @return [Numeric, nil] the limit that it went by, in seconds
    Result = Struct.new(:scanned, :garbage, :deleted, :spared, :unreadable, :consumed_capacity, :seconds, :dry_run,
                        :max_age, :max_stale, keyword_init: true) do
      # @return [Boolean] whether nothing was to be deleted
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
