# frozen_string_literal: true

require "securerandom"

module Aws::SessionStore::DynamoDB
  module Doctor
    # A row of its own, written, read, moved and deleted by the calls that a session makes.
    #
    # @api private
    class Probe < Check
      CALLS = %w[UpdateItem GetItem TransactWriteItems DeleteItem].freeze
      # What IAM goes by where it is not the call's own name.
      ACTIONS = { "TransactWriteItems" => "dynamodb:UpdateItem or dynamodb:DeleteItem, in TransactWriteItems," }.freeze
      # What an application would write. Seconds: where even the deletion is refused, TTL removes the row.
      ROW = ["{}", nil, 3600].freeze
      # Codes by which it is certain that no row was written.
      NOTHING_DONE = %w[AccessDeniedException ResourceNotFoundException ValidationException].freeze
      private_constant :CALLS, :ACTIONS, :ROW, :NOTHING_DONE

      # @return [void]
      def call
        # No session's: those begin with "2::" or with a hex digit.
        @keys = Array.new(2) { "doctor::#{SecureRandom.hex(16)}" }
        @done = []
        try_session
      ensure
        clean_up
        report.ok("probe: a row went through #{@done.join(", ")}") if @done == CALLS
      end

      private

      def try_session
        from, to = @keys
        written = try("UpdateItem") { store.create(from, ROW).first == :saved }
        # A refusal of one call says nothing of the next.
        try("GetItem") { store.item(from) || !written }
        try("TransactWriteItems") { store.rename(from, to, ROW, [:exists, nil]).first == :saved } if written
      end

      # Also after an answer that was lost: what it was about may have been done.
      def clean_up
        return if @broken && @unwritten

        @broken = false
        removed = try("DeleteItem") { @keys.each { |key| store.destroy(key) } }
        report.detail("A row may be left under #{@keys.join(" or ")}") unless removed || @unwritten
      end

      # @return [Boolean] whether it did what it should
      def try(call)
        return false if @broken

        worked = yield
        worked ? @done << call : report.problem("probe: #{call} was answered, but its effect cannot be seen")
        !!worked
      rescue *errors => e
        failed(call, e)
        false
      end

      def failed(call, error)
        @unwritten = true if call == "UpdateItem" && error.respond_to?(:code) && NOTHING_DONE.include?(error.code)
        if refused?(error)
          action = ACTIONS.fetch(call, "dynamodb:#{call}")
          report.problem("permissions: #{action} is refused: #{error.message}", "allow it in the IAM policy: see below")
        else
          # Whatever it is, the next call would wait for it again.
          @broken = true
          report.problem("probe: #{call} failed: #{error.message}")
        end
      end
    end
  end
end
