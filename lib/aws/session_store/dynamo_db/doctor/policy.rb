# frozen_string_literal: true

require "json"

module Aws::SessionStore::DynamoDB
  module Doctor
    # The least IAM policy.
    #
    # @api private
    class Policy < Check
      ACTIONS = {
        "Sessions" => %w[GetItem UpdateItem DeleteItem],
        "GarbageCollection" => %w[Scan DeleteItem]
      }.freeze
      private_constant :ACTIONS

      # @param identity [Hash] of {Access}
      # @param table [Hash] of {TableState}
      # @return [void]
      def call(identity, table)
        return if embedded?

        resource = arn(identity, table)
        statements = ACTIONS.map do |sid, operations|
          { Sid: sid, Effect: "Allow", Action: operations.map { |name| "dynamodb:#{name}" }, Resource: resource }
        end
        report.note("\nThe least IAM policy; its second statement is for rake dynamo_db:collect_garbage:\n\n")
        report.note(JSON.pretty_generate(Version: "2012-10-17", Statement: statements))
      end

      private

      def arn(identity, table)
        return config.table_name if config.table_name.start_with?("arn:")

        # DynamoDB Local's account is none of AWS.
        found = table[:arn].to_s
        found.match?(/:(?!0{12})\d{12}:table/) ? found : constructed(identity)
      end

      def constructed(identity)
        region = identity[:region] || config.region || "*"
        partition = { "cn-" => "aws-cn", "us-gov-" => "aws-us-gov" }.find { |start, _| region.start_with?(start) }&.last
        "arn:#{partition || "aws"}:dynamodb:#{region}:#{identity[:account_id] || "*"}:table/#{config.table_name}"
      end
    end
  end
end
