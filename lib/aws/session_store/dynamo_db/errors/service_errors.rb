# frozen_string_literal: true

module Aws::SessionStore::DynamoDB::Errors
  # A class for each error code of DynamoDB that the operations of this gem can answer with, and for those that are
  # common to all AWS services. ADVICE is appended to DynamoDB's message where the message does not say what to do.

  # The credentials may not do this. Allow dynamodb:GetItem, UpdateItem and DeleteItem on the table, Scan too for
  # the garbage collection, and the table operations for the table tasks.
  class AccessDeniedException < ServiceError
    # @api private
    ADVICE = "allow this operation on the table in the IAM policy of the credentials in use"
  end

  # A condition did not hold. The store handles these itself; one that gets out is a fault worth reporting.
  class ConditionalCheckFailedException < ServiceError; end

  # Backups of the table cannot be changed now: it is being created. Try again when it is active.
  class ContinuousBackupsUnavailableException < ServiceError; end

  # The temporary credentials have expired. Renew them; the SDK's own sources of credentials do so by themselves.
  class ExpiredTokenException < ServiceError
    # @api private
    ADVICE = "renew the temporary credentials"
  end

  # A transaction's token was used again for another transaction. The store makes a new token for each.
  class IdempotentParameterMismatchException < ServiceError; end

  # The request is not signed as AWS wants it. Usually a proxy changed it on its way.
  class IncompleteSignatureException < ServiceError; end

  # A fault inside DynamoDB. It was retried `max_attempts` times.
  class InternalServerError < ServiceError; end

  # The client asked a wrong address for endpoint discovery. Check `endpoint`.
  class InvalidEndpointException < ServiceError; end

  # The signature does not fit. Check `secret_access_key`, and the machine's clock.
  class InvalidSignatureException < ServiceError
    # @api private
    ADVICE = "check secret_access_key, and the clock of this machine"
  end

  # The items under one key take more than 10 GB: only in tables with a local secondary index.
  class ItemCollectionSizeLimitExceededException < ServiceError; end

  # Too many tables, or too many table operations at once. Try again later, or raise the account's quota.
  class LimitExceededException < ServiceError; end

  # The request holds no credentials. See `access_key_id` and `profile`.
  class MissingAuthenticationTokenException < ServiceError
    # @api private
    ADVICE = "configure credentials: access_key_id and secret_access_key, profile, or the usual AWS sources"
  end

  # The account has not signed up for DynamoDB. Do so in the AWS console.
  class OptInRequired < ServiceError; end

  # Point-in-time recovery is not enabled for the table.
  class PointInTimeRecoveryUnavailableException < ServiceError; end

  # More traffic than the table's capacity. Raise it, or use on-demand billing.
  class ProvisionedThroughputExceededException < ServiceError; end

  # In a global table with strong consistency, another region is writing the same item. It was retried.
  class ReplicatedWriteConflictException < ServiceError; end

  # The request came more than 15 minutes off the time in its signature. Set the machine's clock.
  class RequestExpired < ServiceError
    # @api private
    ADVICE = "check the clock of this machine"
  end

  # More traffic than the account's quota. Raise the quota.
  class RequestLimitExceeded < ServiceError; end

  # The table is being created, changed or deleted, or exists already.
  class ResourceInUseException < ServiceError; end

  # The table does not exist, or is not active yet.
  class ResourceNotFoundException < ServiceError
    # @api private
    ADVICE = "create the table with Aws::SessionStore::DynamoDB::Table.create_table, or check table_name, " \
             "region and endpoint"
  end

  # DynamoDB could not read the request. Check what stands between the client and `endpoint`.
  class SerializationException < ServiceError; end

  # DynamoDB is not available for now. It was retried `max_attempts` times.
  class ServiceUnavailable < ServiceError; end

  # The table exists already.
  class TableAlreadyExistsException < ServiceError; end

  # The table is being created or deleted. Try again when it is done.
  class TableInUseException < ServiceError; end

  # The table does not exist.
  class TableNotFoundException < ServiceError
    # @api private
    ADVICE = "create the table with Aws::SessionStore::DynamoDB::Table.create_table, or check table_name, " \
             "region and endpoint"
  end

  # Too many requests for the table, or too many table operations at once. It was retried `max_attempts` times.
  class ThrottlingException < ServiceError; end

  # A transaction's condition did not hold, or another one touched the same item. The store handles these itself.
  class TransactionCanceledException < ServiceError; end

  # A transaction is at work on the same item. It was retried.
  class TransactionConflictException < ServiceError; end

  # The same transaction is still at work.
  class TransactionInProgressException < ServiceError; end

  # DynamoDB does not know the access key or the session token.
  class UnrecognizedClientException < ServiceError
    # @api private
    ADVICE = "check access_key_id, secret_access_key and session_token"
  end

  # The request does not fit the table: usually a `table_key` that is not the table's hash key.
  class ValidationException < ServiceError
    # @api private
    ADVICE = "check that table_key is the hash key of the table, and a String"
  end
end
