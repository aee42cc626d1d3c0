# frozen_string_literal: true

# Shared with the AWS SDK for Ruby, whose gems define it too.
module Aws
  # Session stores that keep their sessions in AWS services.
  module SessionStore
    # Sessions for Rack and Rails applications, kept in Amazon DynamoDB.
    module DynamoDB
    end
  end
end

# The documents of the first versions write AWS::SessionStore::DynamoDB. Version 1 of the AWS SDK owns the name AWS:
# beside it only the session store is added, so that none of its own constants change.
if !defined?(AWS)
  # {Aws}, as the documents of the first versions write it.
  AWS = Aws
elsif !AWS.const_defined?(:SessionStore, false)
  AWS.const_set(:SessionStore, Aws::SessionStore)
end

require_relative "dynamo_db/version"
require_relative "dynamo_db/errors"
require_relative "dynamo_db/options"
require_relative "dynamo_db/configuration"
require_relative "dynamo_db/warm_up"
