# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  module Doctor
    # Whether expired rows go away by themselves, and no others.
    #
    # @api private
    class TimeToLive < Check
      ATTRIBUTE = "expire_at"
      ON = %w[ENABLED ENABLING].freeze
      private_constant :ATTRIBUTE, :ON

      # @return [void]
      def call
        status, attribute = Native::Inspection.time_to_live(store)
        if !ON.include?(status)
          limits? ? off : unlimited("off, and no limit is configured: the table only grows")
        elsif attribute == ATTRIBUTE
          limits? ? on : unlimited("on, but no limit is configured: sessions do not expire")
        else
          report.problem("TTL: DynamoDB deletes rows by #{attribute.inspect}, not by #{ATTRIBUTE.inspect}",
                         "switch TTL off, and an hour later on for #{ATTRIBUTE.inspect}")
        end
      rescue *errors => e
        unseen(e)
      end

      private

      def on
        report.ok("TTL: DynamoDB deletes expired rows, by #{ATTRIBUTE.inspect}")
      end

      def off
        report.warning("TTL: off, so that expired rows stay until they are collected",
                       "switch TTL on for #{ATTRIBUTE.inspect}, or run rake dynamo_db:collect_garbage regularly")
      end

      def unlimited(finding)
        report.warning("TTL: #{finding}", "set max_stale or max_age")
      end

      def unseen(error)
        unseen?(error) ? could_not_look("TTL", "DescribeTimeToLive") : report.problem("TTL: #{error.message}")
      end
    end
  end
end
