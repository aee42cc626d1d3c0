# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  module Doctor
    # Region and credentials: found, and where.
    #
    # @api private
    class Access < Check
      # Variables of the environment that name each.
      VARIABLES = { region: "AWS_REGION or AWS_DEFAULT_REGION", access_key_id: "AWS_ACCESS_KEY_ID" }.freeze
      private_constant :VARIABLES

      # @return [Hash, nil] what is known of the identity; nil where there is none
      def call
        if embedded?
          report.ok("region and credentials: the embedded engine needs none")
          {}
        elsif delegated?
          report.ok("region and credentials: those of the dynamo_db_client, a #{config.dynamo_db_client.class}")
          {}
        else
          Native::Inspection.identity(store).tap { |identity| found(identity) }
        end
      rescue Errors::Error => e
        missing(e)
      end

      private

      def found(identity)
        report.ok("region: #{identity[:region]}, from #{source(:region, identity[:region_source])}")
        expiry = identity[:expires_at]&.then { |time| ", valid until #{Time.at(time).utc.strftime("%F %T UTC")}" }
        report.ok("credentials: access key …#{identity[:access_key]}, from " \
                  "#{source(:access_key_id, identity[:credentials_source])}#{expiry}#{unchecked}")
      end

      def source(option, found)
        case found
        when "option" then config.sources[option]
        when "environment" then "the environment (#{VARIABLES[option]})"
        when /\bprofile\z/ then "#{found} #{profile.inspect} of the shared AWS configuration files"
        else found
        end
      end

      def profile
        config.profile || ENV.fetch("AWS_PROFILE", "default")
      end

      def unchecked
        "; whether they are checked is up to #{config.endpoint} (DynamoDB Local takes any)" if elsewhere?
      end

      def missing(error)
        local = "DynamoDB Local takes any: give access_key_id and secret_access_key some text" if elsewhere?
        report.problem(error.message, local)
        nil
      end
    end
  end
end
