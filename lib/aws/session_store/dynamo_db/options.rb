# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  # The table of all options. Configuration, README and the generated YAML file are made from it.
  #
  # @example The options that take seconds
  #   Aws::SessionStore::DynamoDB::Options::ALL.select { |option| option.unit == "s" }.map(&:name)
  #   # => [:touch_interval, :max_age, :max_stale, …]
  module Options
    # How the environment variables begin.
    #
    # @api private
    ENVIRONMENT_PREFIX = "AWS_DYNAMO_DB_SESSION_"

    # How they began in the first versions.
    #
    # @api private
    OLD_ENVIRONMENT_PREFIX = "DYNAMO_DB_SESSION_"
  end
end

require_relative "options/type"
require_relative "options/option"
require_relative "options/documentation"

module Aws::SessionStore::DynamoDB
  module Options # rubocop:disable Style/Documentation -- it stands above, where the module is opened first
    extend Documentation

    CAPACITY = Type.integer(1..1_000_000)
    private_constant :CAPACITY

    # Printable, without spaces: what goes into a header of an HTTP request.
    CREDENTIAL = Type.identifier("a String of printable characters without spaces", /\A[\x21-\x7e]+\z/)
    private_constant :CREDENTIAL

    REGION = Type.text("the name of a region, such as \"eu-west-1\"", /\A[a-zA-Z0-9-]{1,63}\z/)
    private_constant :REGION

    # Bytes: what DynamoDB stores in an item.
    ROW = (1..409_600)
    # Bytes of the smallest session that can take two of DynamoDB's write units, of 1 KB each: the rest of a row takes
    # 134 bytes.
    MIN_COMPRESSED = 891
    private_constant :ROW, :MIN_COMPRESSED

    # @return [Array<Option>] all options, in the order of the documentation
    ALL = [
      # --- Table
      Option.new(:table_name, Type.text("a String of 3 to 255 characters (a-z, A-Z, 0-9, _, . and -), or the ARN of " \
                                        "a table", Type::TABLE_NAME),
                 group: "Table", default: "sessions", meaning: "Name or ARN of the table."),
      Option.new(:table_key, Type.table_key,
                 group: "Table", default: "session_id", meaning: "Hash key of the table; its type is String."),
      Option.new(:read_capacity, CAPACITY,
                 group: "Table", unit: "units", example: 10,
                 meaning: "Read capacity of a new table; billed on demand where neither capacity is set, " \
                          "10 where only write_capacity is."),
      Option.new(:write_capacity, CAPACITY,
                 group: "Table", unit: "units", example: 5,
                 meaning: "Write capacity of a new table; 5 where only read_capacity is set."),
      Option.new(:tags, Type.tags,
                 group: "Table", example: { "team" => "web" },
                 meaning: "Tags of a new table; a JSON object in the environment."),
      Option.new(:kms_key_id, Type.text("the id, alias or ARN of a KMS key", /\A[\x21-\x7e]{1,2048}\z/),
                 group: "Table", example: "alias/sessions",
                 meaning: "KMS key that encrypts a new table; DynamoDB's own key where it is not set."),
      Option.new(:point_in_time_recovery, Type.boolean,
                 group: "Table", default: false, meaning: "Switch on continuous backups of a new table."),
      Option.new(:deletion_protection, Type.boolean,
                 group: "Table", default: false, meaning: "Protect a new table from being deleted."),

      # --- Cookies and ids
      Option.new(:secret_key, Type.secret_key,
                 group: "Cookies and ids", secret: true, example: '<%= ENV["SESSION_SECRET_KEY"] %>',
                 meaning: "Signs the cookies; in a list the first signs and all verify (a JSON array in the " \
                          "environment). Mandatory; in Rails, secret_key_base is the default."),
      Option.new(:legacy_cookies, Type.boolean,
                 group: "Cookies and ids", default: true,
                 meaning: "Accept the cookies of versions before 5.0 too, which are signed with HMAC-MD5."),
      Option.new(:row_ids, Type.symbol(:private, :public),
                 group: "Cookies and ids", default: :private,
                 meaning: "Key of the rows: a digest of the cookie, or the cookie itself as in versions before 5.0."),

      # --- Sessions
      Option.new(:consistent_read, Type.boolean,
                 group: "Sessions", default: true,
                 meaning: "Read strongly consistently; eventually consistent reads cost half."),
      Option.new(:serializer, Type.serializer(:json, :json_allow_marshal, :marshal),
                 group: "Sessions", default: :json,
                 meaning: "Format of the data; from Ruby code any object with dump and load."),
      Option.new(:compress, Type.compress(MIN_COMPRESSED, ROW),
                 group: "Sessions", default: false,
                 meaning: "Compress sessions of #{MIN_COMPRESSED} bytes and more, or of another size in bytes that a " \
                          "Hash gives as threshold (a JSON object in the environment). Versions before 5.0 " \
                          "cannot read them."),
      Option.new(:size_warning, Type.integer(ROW),
                 group: "Sessions", default: 307_200, unit: "bytes",
                 meaning: "Publish the event size_warning when a session is saved whose data takes more than this in " \
                          "its row; the row can take #{ROW.last}."),
      Option.new(:on_conflict, Type.symbol(:merge, :overwrite, :raise),
                 group: "Sessions", default: :merge,
                 meaning: "What happens when another request changed the session in the meantime."),
      Option.new(:touch_interval, Type.time(:seconds, zero: true),
                 group: "Sessions", default: 60, unit: "s",
                 meaning: "How long an unchanged session is not written again to note its use."),
      Option.new(:max_age, Type.time(:seconds),
                 group: "Sessions", unit: "s", example: 604_800,
                 meaning: "Sessions expire this long after they were created; from Ruby code also the cookie's " \
                          "lifetime."),
      Option.new(:max_stale, Type.time(:seconds),
                 group: "Sessions", unit: "s", example: 18_000,
                 meaning: "Sessions expire this long after they were last used."),
      Option.new(:expire_after, Type.time(:seconds),
                 group: "Sessions", unit: "s", example: 86_400,
                 meaning: "Rack's lifetime of the cookie; the session expires with it."),

      # --- Locking
      Option.new(:enable_locking, Type.boolean,
                 group: "Locking", default: false,
                 meaning: "Lock a session while a request uses it; other requests for it wait."),
      Option.new(:lock_expiry_time, Type.time(:milliseconds),
                 group: "Locking", default: 500, unit: "ms",
                 meaning: "A lock that was not renewed for this long is free: its process died."),
      Option.new(:lock_retry_delay, Type.time(:milliseconds),
                 group: "Locking", default: 500, unit: "ms",
                 meaning: "How long to wait before the next try to take a lock."),
      Option.new(:lock_max_wait_time, Type.time(:seconds, zero: true),
                 group: "Locking", default: 1, unit: "s",
                 meaning: "How long to try to take a lock before LockWaitTimeoutError."),

      # --- Errors
      Option.new(:raise_errors, Type.boolean,
                 group: "Errors", default: false,
                 meaning: "Raise all errors; otherwise only those that the configuration must mend."),
      Option.new(:error_handler, Type.responding_to(:handle_error),
                 group: "Errors", origins: %i[ruby],
                 meaning: "Object with handle_error(error, env); Errors::DefaultHandler where it is not set."),

      # --- Client
      Option.new(:region, REGION,
                 group: "Client", example: "eu-west-1",
                 meaning: "AWS region; where it is not set, as other AWS tools find it."),
      Option.new(:endpoint, Type.endpoint,
                 group: "Client", example: "http://localhost:8000",
                 meaning: "URL of another DynamoDB, or \"embedded\" (in memory) or \"embedded:PATH\" (in a file) for " \
                          "development and tests without AWS."),
      Option.new(:profile, Type.identifier("the name of a profile", /\A[[:print:]]+\z/),
                 group: "Client", example: "staging",
                 meaning: "Profile of the shared AWS configuration files."),
      Option.new(:access_key_id, CREDENTIAL,
                 group: "Client", example: '<%= ENV["SESSION_ACCESS_KEY_ID"] %>',
                 meaning: "AWS credentials; where they are not set, as other AWS tools find them."),
      Option.new(:secret_access_key, CREDENTIAL,
                 group: "Client", secret: true, example: '<%= ENV["SESSION_SECRET_ACCESS_KEY"] %>',
                 meaning: "Goes with access_key_id."),
      Option.new(:session_token, CREDENTIAL,
                 group: "Client", secret: true, example: '<%= ENV["SESSION_TOKEN"] %>',
                 meaning: "Goes with temporary credentials."),
      Option.new(:http_open_timeout, Type.time(:seconds),
                 group: "Client", default: 2, unit: "s", meaning: "Bound of opening a connection."),
      Option.new(:http_read_timeout, Type.time(:seconds),
                 group: "Client", default: 5, unit: "s", meaning: "Bound of one attempt's answer."),
      Option.new(:max_attempts, Type.integer(1..100),
                 group: "Client", default: 3, unit: "attempts",
                 meaning: "Attempts of a call to DynamoDB, the first included."),
      Option.new(:call_timeout, Type.time(:seconds),
                 group: "Client", default: 15, unit: "s", meaning: "Bound of a whole call with all its attempts."),
      Option.new(:dynamo_db_client, Type.object("a client object"),
                 group: "Client", origins: %i[ruby],
                 meaning: "Object with the methods of Aws::DynamoDB::Client that is called instead of the built-in " \
                          "client."),

      # --- Configuration
      Option.new(:config_file, Type.path,
                 group: "Configuration", origins: %i[ruby environment], example: "config/sessions.yml",
                 meaning: "YAML file with these options; in Rails, config/sessionstore/dynamodb.yml by default.")
    ].freeze

    # @return [Array<Option>] spellings of older versions
    # @api private
    OLD_NAMES = [
      Option.new(:aws_access_key, CREDENTIAL, target: :access_key_id),
      Option.new(:aws_secret_key, CREDENTIAL, target: :secret_access_key, secret: true),
      Option.new(:aws_region, REGION, target: :region),
      # Retries come after the first attempt.
      Option.new(:retry_limit, Type.new("Integer", "an Integer from 0 to 99") do |value|
        retries = Type.integer(0..99).cast(value)
        retries && (retries + 1)
      end, target: :max_attempts)
    ].freeze

    # @return [Array<String>] options of the client of older versions that this one does not have
    # @api private
    CLIENT_ONLY = %w[
      api_version credentials http_continue_timeout http_idle_timeout log_level logger ssl_ca_bundle ssl_ca_directory
      ssl_ca_store ssl_verify_peer stub_responses user_agent_suffix
    ].freeze

    rack = ->(type) { ->(name) { Option.new(name, type, origins: %i[ruby yaml]) } }

    # @return [Array<Option>] options of Rack 2.2 to 3.2 and Rails 6.1 to 8 for sessions and their cookies
    # @api private
    RACK = [
      *%i[assume_ssl cookie_only defer drop http_only httponly partitioned renew secure skip trust_proxy]
        .map(&rack[Type.boolean]),
      *%i[domain expires key path secure_random tld_length].map(&rack[Type.anything]),
      *%i[same_site].map(&rack[Type.same_site]),
      *%i[sidbits].map(&rack[Type.integer(64..4096)])
    ].freeze

    # Options of Rack's cookie sessions and of single requests. They were always accepted and never had an effect
    # here; they are not handed on, because what Rack gets, every request can read: `secret` must not be there, and an
    # `id` would be the same session for all.
    #
    # @return [Array<String>]
    # @api private
    IGNORED = %w[coder id old_secret secret].freeze

    BY_NAME = (ALL + OLD_NAMES).to_h { |option| [option.name.to_s, option] }.freeze
    RACK_BY_NAME = RACK.to_h { |option| [option.name.to_s, option] }.freeze
    private_constant :BY_NAME, :RACK_BY_NAME

    class << self
      # @param name [String]
      # @return [Option, nil] under its present name or an old one
      # @api private
      def find(name)
        BY_NAME[name]
      end

      # @param name [String]
      # @return [Boolean] whether it is a spelling of older versions
      # @api private
      def old?(name)
        OLD_NAMES.any? { |option| option.name.to_s == name }
      end

      # @param name [String]
      # @return [Option, nil]
      # @api private
      def find_rack(name)
        RACK_BY_NAME[name]
      end

      # @param name [String] one that there is not
      # @return [String, nil] the one that was probably meant
      # @api private
      def suggest(name)
        return unless defined?(DidYouMean::SpellChecker) && name.match?(/\A[\w-]{1,64}\z/)

        DidYouMean::SpellChecker.new(dictionary: ALL.map { |option| option.name.to_s } + RACK_BY_NAME.keys)
                                .correct(name).first
      end
    end
  end
end
