# frozen_string_literal: true

require_relative "configuration/application"
require_relative "configuration/settings"
require_relative "configuration/yaml_file"

module Aws::SessionStore::DynamoDB
  # The options of the session store. Each comes from the first of these that gives it:
  #
  # 1. Ruby code: the options of the middleware, of `config.session_store`, or of a method of {Table};
  # 2. the environment: `AWS_DYNAMO_DB_SESSION_TABLE_NAME`, or as in the first versions `DYNAMO_DB_SESSION_TABLE_NAME`;
  # 3. a YAML file: the option `config_file`; in Rails, where that is not given, `config/sessionstore/dynamodb.yml` or a
  #    file in one of the places of aws-actiondispatch-dynamodb;
  # 4. the default.
  #
  # `nil` is as good as not given. All options, with types, units and defaults: {Options::ALL}. There is a
  # reader for each.
  #
  # @example
  #   config = Aws::SessionStore::DynamoDB::Configuration.new(table_name: "sessions", max_stale: 18_000)
  #   config.table_name  # => "sessions"
  #   config.max_stale   # => 18000, in seconds
  class Configuration
    # Name and default of each option.
    DEFAULTS = Options::ALL.to_h { |option| [option.name, option.default] }.freeze

    # The same under the name that it had in versions 2 to 4.
    MEMBERS = DEFAULTS

    # What one capacity is where only the other is given: the defaults of versions 0.5 to 4.
    CAPACITIES = { read_capacity: 10, write_capacity: 5 }.freeze
    private_constant :CAPACITIES

    CREDENTIALS = %i[access_key_id secret_access_key session_token].freeze
    private_constant :CREDENTIALS

    # Environments where the embedded engine is no surprise.
    DEVELOPMENT = %w[development test].freeze
    private_constant :DEVELOPMENT

    # @return [Hash{Symbol => Object}] the options of Rack that were given (`key`, `path`, `same_site`, ...), for
    #   `Rack::Session::Abstract::Persisted`. `expire_after` is in it too where it was given, and `max_age` where
    #   Ruby code gave it: Rack makes them the cookie's lifetime.
    attr_reader :rack_options

    # @return [Hash{Symbol => String}] where each option that is not the default came from: "Ruby code",
    #   "config.session_store", "environment variable NAME" or a file's path
    attr_reader :sources

    # @!attribute [r] compress
    #   @return [Hash{Symbol => Integer}, false] the `threshold`: sessions of so many bytes and more are compressed.
    #     false: none is, the default
    # @!attribute [r] error_handler
    #   @return [#handle_error] as {Errors::BaseHandler} describes it; an {Errors::DefaultHandler} where none is given

    # options: generated, `rake options` writes it

    # @!attribute [r] table_name
    #   @return [String] Name or ARN of the table. Default: "sessions".
    # @!attribute [r] table_key
    #   @return [String] Hash key of the table; its type is String. Default: "session_id".
    # @!attribute [r] read_capacity
    #   @return [Integer, nil] Read capacity of a new table; billed on demand where neither capacity is set, 10 where
    #     only write_capacity is. Unit: units.
    # @!attribute [r] write_capacity
    #   @return [Integer, nil] Write capacity of a new table; 5 where only read_capacity is set. Unit: units.
    # @!attribute [r] tags
    #   @return [Hash, nil] Tags of a new table; a JSON object in the environment.
    # @!attribute [r] kms_key_id
    #   @return [String, nil] KMS key that encrypts a new table; DynamoDB's own key where it is not set.
    # @!attribute [r] point_in_time_recovery
    #   @return [Boolean] Switch on continuous backups of a new table. Default: false.
    # @!attribute [r] deletion_protection
    #   @return [Boolean] Protect a new table from being deleted. Default: false.
    # @!attribute [r] legacy_cookies
    #   @return [Boolean] Accept the cookies of versions before 5.0 too, which are signed with HMAC-MD5. Default:
    #     true.
    # @!attribute [r] row_ids
    #   @return [:private, :public] Key of the rows: a digest of the cookie, or the cookie itself as in versions
    #     before 5.0. Default: :private.
    # @!attribute [r] consistent_read
    #   @return [Boolean] Read strongly consistently; eventually consistent reads cost half. Default: true.
    # @!attribute [r] serializer
    #   @return [Symbol, Object] Format of the data; from Ruby code any object with dump and load. Default: :json.
    # @!attribute [r] size_warning
    #   @return [Integer] Publish the event size_warning when a session is saved whose data takes more than this in
    #     its row; the row can take 409600. Unit: bytes. Default: 307200.
    # @!attribute [r] on_conflict
    #   @return [:merge, :overwrite, :raise] What happens when another request changed the session in the meantime.
    #     Default: :merge.
    # @!attribute [r] touch_interval
    #   @return [Numeric] How long an unchanged session is not written again to note its use. Unit: s. Default: 60.
    # @!attribute [r] max_age
    #   @return [Numeric, nil] Sessions expire this long after they were created; from Ruby code also the cookie's
    #     lifetime. Unit: s.
    # @!attribute [r] max_stale
    #   @return [Numeric, nil] Sessions expire this long after they were last used. Unit: s.
    # @!attribute [r] expire_after
    #   @return [Numeric, nil] Rack's lifetime of the cookie; the session expires with it. Unit: s.
    # @!attribute [r] enable_locking
    #   @return [Boolean] Lock a session while a request uses it; other requests for it wait. Default: false.
    # @!attribute [r] lock_expiry_time
    #   @return [Numeric] A lock that was not renewed for this long is free: its process died. Unit: ms. Default: 500.
    # @!attribute [r] lock_retry_delay
    #   @return [Numeric] How long to wait before the next try to take a lock. Unit: ms. Default: 500.
    # @!attribute [r] lock_max_wait_time
    #   @return [Numeric] How long to try to take a lock before LockWaitTimeoutError. Unit: s. Default: 1.
    # @!attribute [r] raise_errors
    #   @return [Boolean] Raise all errors; otherwise only those that the configuration must mend. Default: false.
    # @!attribute [r] region
    #   @return [String, nil] AWS region; where it is not set, as other AWS tools find it.
    # @!attribute [r] endpoint
    #   @return [String, nil] URL of another DynamoDB, or "embedded" (in memory) or "embedded:PATH" (in a file) for
    #     development and tests without AWS.
    # @!attribute [r] profile
    #   @return [String, nil] Profile of the shared AWS configuration files.
    # @!attribute [r] access_key_id
    #   @return [String, nil] AWS credentials; where they are not set, as other AWS tools find them.
    # @!attribute [r] secret_access_key
    #   @return [String, nil] Goes with access_key_id.
    # @!attribute [r] session_token
    #   @return [String, nil] Goes with temporary credentials.
    # @!attribute [r] http_open_timeout
    #   @return [Numeric] Bound of opening a connection. Unit: s. Default: 2.
    # @!attribute [r] http_read_timeout
    #   @return [Numeric] Bound of one attempt's answer. Unit: s. Default: 5.
    # @!attribute [r] max_attempts
    #   @return [Integer] Attempts of a call to DynamoDB, the first included. Unit: attempts. Default: 3.
    # @!attribute [r] call_timeout
    #   @return [Numeric] Bound of a whole call with all its attempts. Unit: s. Default: 15.
    # @!attribute [r] dynamo_db_client
    #   @return [Object, nil] Object with the methods of Aws::DynamoDB::Client that is called instead of the built-in
    #     client.
    # @!attribute [r] config_file
    #   @return [String, nil] YAML file with these options; in Rails, config/sessionstore/dynamodb.yml by default.

    # /options

    Options::ALL.each do |option|
      define_method(option.name) { @options[option.name] } unless option.name == :secret_key
    end

    # The configuration of what works on the sessions beside the application: tasks, migrations, {Table},
    # {GarbageCollection}. In a Rails application whose `config.session_store` is a store of this gem, the options that
    # it was given there are the base, so that both work on the same table; the options given here go before them.
    #
    # @example
    #   Rails.application.config.session_store :dynamodb_store, table_name: "shop-sessions"
    #   Aws::SessionStore::DynamoDB::Configuration.for_application(max_stale: 3600).table_name # => "shop-sessions"
    # @param options [Hash, nil] with Symbols or Strings as keys
    # @return [Configuration]
    # @raise [Errors::ConfigurationError] as {#initialize} does
    def self.for_application(options = {})
      new(options, Application.session_options)
    end

    # @param options [Hash, nil] with Symbols or Strings as keys
    # @param base [Hash] options of `config.session_store`, which `options` go before: see {.for_application}
    # @raise [Errors::ConfigurationError] for an unknown option, a wrong value, or a file that cannot be read
    def initialize(options = {}, base = {})
      settings = read(options, base)
      check_credentials(settings)
      @options = complete(DEFAULTS.merge(settings.options))
      @rack_options = settings.rack_options.freeze
      @sources = settings.sources.freeze
      warn_of_embedded_engine
    end

    # @return [String, Array<String>, nil] what signs the cookies; in Rails by default `secret_key_base`, which is
    #   asked for only now: tasks that need no key can run without it
    def secret_key
      @options[:secret_key] || Application.secret_key_base
    end

    # @return [Array<String>] the first signs, all verify
    def secret_keys
      Array(secret_key).reject(&:empty?)
    end

    # @return [void]
    # @raise [Errors::MissingSecretKeyError] where there is no secret key
    def require_secret_key!
      return unless secret_keys.empty?

      raise Errors::MissingSecretKeyError,
            "No secret key: pass secret_key to the middleware, or set the environment variable " \
            "#{Options.find("secret_key").environment_name} or secret_key in the YAML file to a long random text"
    end

    # @return [Hash{Symbol => Object}] all options, secrets too
    def to_hash
      DEFAULTS.to_h { |name, _| [name, public_send(name)] }
    end

    # @return [String] all options, without secrets
    def inspect
      options = Options::ALL.map { |option| "#{option.name}=#{show(option, @options[option.name])}" }
      "#<#{self.class} #{options.join(", ")}>"
    end
    alias to_s inspect

    # What the native client is built from. The timeouts are in seconds.
    #
    # @return [Hash{Symbol => Object}]
    # @api private
    def native_settings
      @options.slice(:table_name, :table_key, :consistent_read, :region, :profile, :access_key_id, :secret_access_key,
                     :session_token, :max_attempts)
              .merge(@options.slice(:http_open_timeout, :http_read_timeout, :call_timeout).transform_values(&:to_f))
              .merge(endpoint: absolute_endpoint)
    end

    private

    def read(options, base)
      ruby = Settings.from_ruby(base, "config.session_store").merge(Settings.from_ruby(hash_of(options), "Ruby code"))
      environment = Settings.from_environment
      file = [ruby, environment].find { |settings| settings.options.key?(:config_file) } || Settings.from_rails
      yaml = Settings.from_yaml(file.options[:config_file], file.sources[:config_file])
      [file, yaml, environment, ruby].reduce(:merge)
    end

    def hash_of(options)
      return options.to_hash if options.respond_to?(:to_hash)
      return {} if options.nil?

      raise Errors::ConfigurationError.new("options: expected a Hash, got #{options.class} from Ruby code",
                                           option: :options, source: "Ruby code")
    end

    def complete(options)
      unless options.values_at(*CAPACITIES.keys).none?
        options = options.merge(CAPACITIES) { |_, given, usual| given || usual }
      end
      options[:error_handler] ||= Errors::DefaultHandler.new(options[:raise_errors])
      options.freeze
    end

    # The SDK would look for other credentials where these are incomplete, and use somebody else's account.
    def check_credentials(settings)
      given = CREDENTIALS.select { |name| settings.options.key?(name) }
      missing = CREDENTIALS.first(2) - given
      return if given.empty? || missing.empty?

      source = settings.sources[given.first]
      raise Errors::ConfigurationError.new(
        "#{missing.first}: expected a value beside #{given.first}, got none; #{given.first} is from #{source}",
        option: missing.first, source:
      )
    end

    def warn_of_embedded_engine
      return if !embedded? || DEVELOPMENT.include?(Application.environment)

      Application.warn_once("The session store uses the embedded engine in the environment " \
                            "#{Application.environment}: it is for development and tests. Remove the option endpoint " \
                            "to use Amazon DynamoDB.")
    end

    def embedded?
      endpoint&.start_with?("embedded")
    end

    def absolute_endpoint
      engine, path = endpoint.split(":", 2) if embedded?
      path ? "#{engine}:#{File.absolute_path(path, Application.root)}" : endpoint
    end

    def show(option, value)
      return "[FILTERED]" if option.secret? && value

      case value
      when nil, true, false, String, Symbol, Numeric, Hash then value.inspect
      else "#<#{value.class}>"
      end
    end
  end
end
