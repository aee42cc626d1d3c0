# frozen_string_literal: true

require_relative "doctor/report"
require_relative "doctor/check"
require_relative "doctor/settings"
require_relative "doctor/access"
require_relative "doctor/clock"
require_relative "doctor/table_state"
require_relative "doctor/time_to_live"
require_relative "doctor/probe"
require_relative "doctor/collector"
require_relative "doctor/policy"

module Aws::SessionStore::DynamoDB
  # Looks for what usually goes wrong between the configuration and the table: `rake dynamo_db:session_store:doctor`.
  #
  # It looks at where each option came from, at region and credentials, at the clock, the table, its key and its TTL,
  # and makes the very calls that the application will make, with a row of its own that it removes again. Then it prints
  # the least IAM policy. It changes nothing else, and prints no secret.
  #
  # What an application's policy need not allow (`dynamodb:DescribeTable`, `dynamodb:DescribeTimeToLive`,
  # `dynamodb:Scan`) is a warning where it is refused.
  module Doctor
    module_function

    # @example Before a deployment goes on
    #   abort unless Aws::SessionStore::DynamoDB::Doctor.run(table_name: "sessions", region: "eu-central-1")
    # @param options [Hash] those of {Configuration#initialize}; in a Rails application that uses this gem's session
    #   store, its own session options are the base
    # @param output [#puts] what is told what was found
    # @return [Boolean] whether nothing is wrong; warnings do not count
    def run(options = {}, output: $stdout)
      report = Report.new(output)
      config = Settings.read(options, report)
      examine(config, Native.store(config), report) if config
      report.conclude
    end

    # Each check goes on from the one before it: without an answer from the table there is nothing to try there.
    #
    # @api private
    def examine(config, store, report)
      checkup = [config, store, report]
      identity = Access.new(*checkup).call
      table = identity && Clock.new(*checkup).call && TableState.new(*checkup).call
      if table
        TimeToLive.new(*checkup).call
        Probe.new(*checkup).call
        Collector.new(*checkup).call
      end
      Policy.new(*checkup).call(identity || {}, table || {})
    end
    private_class_method :examine
  end
end
