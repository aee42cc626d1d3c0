# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  module Doctor
    # This machine's clock beside DynamoDB's, and with that, whether DynamoDB answers at all.
    #
    # @api private
    class Clock < Check
      # Seconds by which sessions would expire too early or too late without anybody minding.
      TOLERATED = 60
      # Seconds beyond which AWS refuses a signature.
      REFUSED = 300
      ADVICE = "let the machine's clock be set by NTP (on EC2 by the Amazon Time Sync Service)"
      private_constant :TOLERATED, :REFUSED, :ADVICE

      # @return [Boolean] whether DynamoDB can be reached
      def call
        # The engine goes by this clock, and of a client's answers only the documents are seen.
        compare(Native::Inspection.clock_offset(store)) unless embedded? || delegated?
        true
      rescue Errors::Error => e
        report.problem("network: #{e.message}")
        false
      end

      private

      def compare(offset)
        return report.warning("clock: could not look, the answers of #{config.endpoint} have no date") unless offset
        return report.ok("clock: within #{TOLERATED} s of DynamoDB's") if offset.abs <= TOLERATED

        finding = "clock: #{offset.abs.round} s #{offset.positive? ? "ahead of" : "behind"} DynamoDB's"
        if offset.abs <= REFUSED
          report.warning("#{finding}, and sessions expire by it", ADVICE)
        else
          report.problem("#{finding}: sessions expire by it, and AWS refuses what is signed more than #{REFUSED} s off",
                         ADVICE)
        end
      end
    end
  end
end
