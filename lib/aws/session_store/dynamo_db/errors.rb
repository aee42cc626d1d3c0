# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  # What this gem raises.
  #
  # Errors that happen while a request is served go to the configured error handler first, which decides
  # whether they are raised: see {BaseHandler} and {DefaultHandler}.
  #
  # @example Rescue everything, or one thing
  #   begin
  #     Aws::SessionStore::DynamoDB::Table.create_table
  #   rescue Aws::SessionStore::DynamoDB::Errors::AccessDeniedException => e
  #     abort "#{e.message} (request #{e.request_id})"
  #   rescue Aws::SessionStore::DynamoDB::Errors::Error => e
  #     abort e.message
  #   end
  module Errors
    # The parent of all errors of this gem. A RuntimeError, as the errors of earlier versions were.
    class Error < RuntimeError
      # Also matches the errors of the aws-sdk-dynamodb gem that {ServiceError.for} builds where that gem is
      # loaded: `rescue` asks this method.
      #
      # @param error [Object]
      # @return [Boolean]
      def self.===(error)
        case error
        when SdkError then error.is_a?(self)
        else super
        end
      end
    end

    # There is no key to sign cookies with. Raised when the middleware is built.
    # Set the option `secret_key`; in Rails, `secret_key_base` is used by default.
    class MissingSecretKeyError < Error
      # @param message [String]
      def initialize(message = "No secret key: set the option secret_key to a long random text")
        super
      end
    end

    # The cookie of a request is malformed, too long or not signed by us. The request gets a new session. Never
    # raised, only reported to the error handler: the client chose that input. A few are normal; many from
    # one address are an attack, or a `secret_key` that was changed without keeping the old one in the list.
    class InvalidIDError < Error
      # @param message [String] never the cookie itself: it goes to the log
      def initialize(message = "Invalid session id in the cookie: a new session is used")
        super
      end
    end

    # Another request held the session's lock for longer than `lock_max_wait_time`.
    # Make requests that share a session shorter, or raise `lock_max_wait_time`.
    class LockWaitTimeoutError < Error
      # @param message [String]
      def initialize(message = "The session is locked by another request: gave up waiting after lock_max_wait_time")
        super
      end
    end

    # This request's lock was taken by another one before the session was saved, so it was not saved.
    # Happens when the process stood still for longer than `lock_expiry_time`: raise that option.
    class LockLostError < Error
      # @param message [String]
      def initialize(message = "The lock on the session was lost: the session was not saved")
        super
      end
    end

    # With `on_conflict: :raise`: another request changed the session in the meantime, so it was not saved.
    # Retry the request, or use `on_conflict: :merge`.
    class ConflictError < Error
      # @param message [String]
      def initialize(message = "Another request changed the session in the meantime: the session was not saved")
        super
      end
    end

    # An option is unknown or has a value that it cannot have. Raised by {Configuration#initialize}; the
    # message says which option, what came, from where, and what is valid.
    class ConfigurationError < Error
      # @return [Symbol, String, nil] the option, as it was written
      attr_reader :option

      # @return [Object, nil] what it was given; nil for an option that holds a secret
      attr_reader :value

      # @return [String, nil] where it came from: "Ruby code", "environment variable NAME" or a file's path
      attr_reader :source

      # @param message [String]
      # @param option [Symbol, String, nil]
      # @param value [Object, nil]
      # @param source [String, nil]
      def initialize(message = "Wrong configuration of the session store", option: nil, value: nil, source: nil)
        super(message)
        @option = option
        @value = value
        @source = source
      end
    end

    # DynamoDB was not reached, or did not answer in time. Check the network, `region` and `endpoint`, and the
    # options `http_open_timeout`, `http_read_timeout` and `call_timeout`.
    class NetworkError < Error
      # @param message [String]
      def initialize(message = "DynamoDB cannot be reached")
        super
      end
    end

    # The session does not fit into an item of DynamoDB; it was not saved. Keep less in it: ids, not objects.
    class SessionTooLargeError < Error
      # @return [Integer] size of the item in bytes
      attr_reader :size

      # @return [Integer] the most that DynamoDB stores, in bytes
      attr_reader :limit

      # @param size [Integer] bytes
      # @param limit [Integer] bytes
      def initialize(size:, limit:)
        super("The session takes #{size} bytes, DynamoDB stores at most #{limit} in an item: keep less in the session")
        @size = size
        @limit = limit
      end
    end

    # A row cannot be read as a session, or a session cannot be written with the configured serializer.
    # Check the option `serializer`, and what else writes to the table.
    class InvalidDataError < Error
      # @param message [String]
      def initialize(message = "The session's data cannot be read: check the option serializer")
        super
      end
    end
  end
end

require_relative "errors/service_error"
require_relative "errors/service_errors"
require_relative "errors/base_handler"
require_relative "errors/default_handler"

module Aws::SessionStore::DynamoDB
  # {Errors::MissingSecretKeyError}, where version 0.5 had it.
  MissingSecretKeyError = Errors::MissingSecretKeyError

  # {Errors::InvalidIDError}, where version 0.5 had it.
  InvalidIDError = Errors::InvalidIDError

  # {Errors::LockWaitTimeoutError}, where version 0.5 had it.
  LockWaitTimeoutError = Errors::LockWaitTimeoutError
end
