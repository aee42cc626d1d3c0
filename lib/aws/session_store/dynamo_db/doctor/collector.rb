# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  module Doctor
    # What only the garbage collection needs.
    #
    # @api private
    class Collector < Check
      # @return [void]
      def call
        Native::Inspection.try_scan(store)
        report.ok("garbage collection: Scan is allowed")
      rescue *errors => e
        return report.problem("garbage collection: #{e.message}") unless unseen?(e)

        report.warning("permissions: dynamodb:Scan is refused; only rake dynamo_db:collect_garbage needs it",
                       "run that with other credentials, or allow it in the IAM policy: see below")
      end
    end
  end
end
