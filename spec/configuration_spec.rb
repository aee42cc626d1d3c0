# frozen_string_literal: true

require "spec_helper"
require "yaml"
require "bigdecimal"
require "fileutils"
require "pathname"
require "tmpdir"
require "active_support"
require "active_support/duration"
require "active_support/core_ext/numeric/time"

RSpec.describe Aws::SessionStore::DynamoDB::Configuration do
  let(:configuration_error) { Aws::SessionStore::DynamoDB::Errors::ConfigurationError }
  let(:directory) { Dir.mktmpdir }

  before { environment({}) }
  after { FileUtils.remove_entry(directory) }

  # The examples see these environment variables only.
  def environment(variables)
    stub_const("ENV", variables)
  end

  def configuration(**options)
    described_class.new(options)
  end

  def file(text, name: "sessions.yml")
    path = File.join(directory, name)
    FileUtils.mkdir_p(File.dirname(path))
    File.binwrite(path, text)
    path
  end

  def rails(**members)
    stub_const("Rails", Struct.new(:env, :root, :application, :logger, keyword_init: true)
                              .new(env: "test", root: Pathname(directory), **members))
  end

  def rails_application(secret_key_base)
    Struct.new(:secret_key_base).new(secret_key_base)
  end

  # Fails where the block raises nothing; the error's text never holds what must stay secret.
  def error
    yield
    raise "no ConfigurationError"
  rescue configuration_error => e
    e
  end

  describe "the defaults" do
    it "are those of the documents" do
      expect(configuration.to_hash).to include(
        table_name: "sessions", table_key: "session_id", consistent_read: true, read_capacity: nil, write_capacity: nil,
        raise_errors: false, max_age: nil, max_stale: nil, expire_after: nil, secret_key: nil, enable_locking: false,
        lock_expiry_time: 500, lock_retry_delay: 500, lock_max_wait_time: 1, serializer: :json, on_conflict: :merge,
        row_ids: :private, legacy_cookies: true, touch_interval: 60, call_timeout: 15, max_attempts: 3,
        compress: false, size_warning: 307_200, dynamo_db_client: nil, config_file: nil
      )
    end

    it "stand in DEFAULTS and MEMBERS, under the names of old and new versions" do
      expect(described_class::DEFAULTS).to include(table_name: "sessions", lock_retry_delay: 500).and be_frozen
      expect(described_class::MEMBERS).to eq(described_class::DEFAULTS)
    end

    it "have a reader each, and are all in to_hash" do
      described_class::DEFAULTS.each_key { |name| expect(configuration).to respond_to(name) }
      expect(configuration.to_hash.keys).to eq(described_class::DEFAULTS.keys)
    end

    it "are valid values themselves" do
      given = described_class::DEFAULTS.compact
      expect(described_class.new(given).to_hash).to include(given)
    end
  end

  describe "the order of sources" do
    let(:yaml) { file("table_name: yaml\ntable_key: yaml\nregion: yaml\nprofile: yaml\n") }

    it "is Ruby code, environment, YAML, default" do
      environment("AWS_DYNAMO_DB_SESSION_TABLE_NAME" => "env", "AWS_DYNAMO_DB_SESSION_TABLE_KEY" => "env",
                  "AWS_DYNAMO_DB_SESSION_REGION" => "env")
      config = configuration(table_name: "ruby", table_key: "ruby", config_file: yaml)
      expect(config.to_hash).to include(table_name: "ruby", table_key: "ruby", region: "env", profile: "yaml",
                                        consistent_read: true)
    end

    it "has AWS_DYNAMO_DB_SESSION_ before DYNAMO_DB_SESSION_" do
      environment("AWS_DYNAMO_DB_SESSION_TABLE_NAME" => "new-name", "DYNAMO_DB_SESSION_TABLE_NAME" => "old-name",
                  "DYNAMO_DB_SESSION_TABLE_KEY" => "old-key")
      expect(configuration).to have_attributes(table_name: "new-name", table_key: "old-key")
    end

    it "passes over nil" do
      environment("AWS_DYNAMO_DB_SESSION_REGION" => "env")
      expect(configuration(region: nil).region).to eq("env")
    end

    it "names a file in Ruby code before one in the environment" do
      environment("AWS_DYNAMO_DB_SESSION_CONFIG_FILE" => file("table_name: other", name: "other.yml"))
      expect(configuration.table_name).to eq("other")
      expect(configuration(config_file: yaml)).to have_attributes(table_name: "yaml", config_file: yaml)
    end
  end

  describe "Ruby code" do
    it "may use Strings as names, and leaves the given Hash alone" do
      given = { "table_name" => "mine" }.freeze
      expect(described_class.new(given).table_name).to eq("mine")
    end

    it "may give nothing" do
      expect(described_class.new(nil).table_name).to eq("sessions")
    end

    it "must give a Hash" do
      expect { described_class.new("sessions") }
        .to raise_error(configuration_error, "options: expected a Hash, got String from Ruby code")
    end

    it "keeps its own copy of text" do
      name = +"sessions"
      config = configuration(table_name: name)
      name << "-changed"
      expect(config.table_name).to eq("sessions")
    end
  end

  describe "text from the environment" do
    def from_environment(name, text)
      environment("AWS_DYNAMO_DB_SESSION_#{name.to_s.upcase}" => text)
      configuration.public_send(name)
    end

    it "becomes the option's type" do
      expect(from_environment(:max_age, "3600")).to be(3600)
      expect(from_environment(:lock_max_wait_time, "0.5")).to eq(0.5)
      expect(from_environment(:max_attempts, "5")).to be(5)
      expect(from_environment(:serializer, "json_allow_marshal")).to be(:json_allow_marshal)
      expect(from_environment(:on_conflict, "raise")).to be(:raise)
      expect(from_environment(:tags, '{"team": "web"}')).to eq("team" => "web")
      expect(from_environment(:compress, "true")).to eq(threshold: 891)
      expect(from_environment(:compress, '{"threshold": 2000}')).to eq(threshold: 2000)
      expect(from_environment(:expire_after, "60")).to be(60)
    end

    it "is a boolean in several words" do
      %w[true 1 yes True].each { |text| expect(from_environment(:raise_errors, text)).to be(true) }
      %w[false 0 no FALSE].each { |text| expect(from_environment(:consistent_read, text)).to be(false) }
    end

    it "stays text where the option is text" do
      expect(from_environment(:secret_key, "12345")).to eq("12345")
      expect(from_environment(:table_name, "12345")).to eq("12345")
    end

    it "may list secret keys as JSON; a comma belongs to the key" do
      expect(from_environment(:secret_key, '["new", "old"]')).to eq(%w[new old])
      expect(from_environment(:secret_key, "a,b")).to eq("a,b")
      expect(from_environment(:secret_key, "[not JSON")).to eq("[not JSON")
    end

    it "sets nothing when it is blank, where the option may be unset" do
      expect(from_environment(:region, " ")).to be_nil
      expect(from_environment(:max_age, "")).to be_nil
      expect { from_environment(:table_name, "") }.to raise_error(configuration_error, /got "" \(String\)/)
    end

    it "cannot be an object" do
      expect { from_environment(:dynamo_db_client, "x") }.to raise_error(configuration_error, /from Ruby code, got/)
      expect { from_environment(:error_handler, "x") }.to raise_error(configuration_error, /from Ruby code, got/)
    end

    it "must name an option" do
      environment("DYNAMO_DB_SESSION_TABEL_NAME" => "x")
      expect { configuration }.to raise_error(
        configuration_error,
        /\Atabel_name: not an option, did you mean table_name\?, from environment variable DYNAMO_DB_SESSION_TABEL_NAME/
      )
    end
  end

  describe "a YAML file" do
    it "may say from which size on sessions are compressed" do
      path = file("test:\n  compress:\n    threshold: 2000\n")
      environment("RACK_ENV" => "test")
      expect(configuration(config_file: path).compress).to eq(threshold: 2000)
      expect(configuration(config_file: file("compress: true")).compress).to eq(threshold: 891)
    end

    it "may use Symbols, ERB and aliases" do
      path = file(<<~YAML)
        defaults: &defaults
          :row_ids: :public
        test:
          <<: *defaults
          max_stale: <%= 5 * 60 %>
      YAML
      environment("RACK_ENV" => "test")
      expect(configuration(config_file: path)).to have_attributes(row_ids: :public, max_stale: 300)
    end

    it "may be plain, with a section for an environment that goes before it" do
      path = file("table_name: plain\nregion: here\ntest:\n  table_name: test\nproduction:\n  tabel: 1\nstaging:\n")
      environment("RAILS_ENV" => "test")
      expect(configuration(config_file: path)).to have_attributes(table_name: "test", region: "here")
      environment({})
      expect(configuration(config_file: path)).to have_attributes(table_name: "plain", region: "here")
    end

    it "takes Rails.env for the environment before RAILS_ENV before RACK_ENV" do
      path = file("a: {table_name: from-a}\nb: {table_name: from-b}\nc: {table_name: from-c}\n")
      environment("RACK_ENV" => "c")
      expect(configuration(config_file: path).table_name).to eq("from-c")
      environment("RACK_ENV" => "c", "RAILS_ENV" => "b")
      expect(configuration(config_file: path).table_name).to eq("from-b")
      rails(env: "a")
      expect(configuration(config_file: path).table_name).to eq("from-a")
    end

    it "makes text of numbers where the option is an identifier, and of nothing else" do
      expect(configuration(config_file: file("secret_key: 12345")).secret_key).to eq("12345")
      expect(error { configuration(config_file: file("table_name: 1234")) }.message)
        .to match(/got 1234 \(Integer\) from .*sessions\.yml\z/)
      expect(error { configuration(config_file: file("secret_key: 1.5")) }.message).to include("got Float from")
    end

    it "sets nothing with a blank value, where the option may be unset" do
      path = file("secret_key: \"<%= ENV[\"NONE\"] %>\"\nregion:\n")
      expect(configuration(config_file: path)).to have_attributes(secret_key: nil, region: nil)
    end

    it "may be empty, and begin with a byte order mark" do
      expect(configuration(config_file: file("# nothing\n")).table_name).to eq("sessions")
      expect(configuration(config_file: file("\xEF\xBB\xBFtable_name: mark\n")).table_name).to eq("mark")
    end

    it "is in UTF-8 whatever the locale" do
      library = File.expand_path("../lib/aws/session_store/dynamo_db", __dir__)
      script = "require #{library.inspect}; " \
               "p Aws::SessionStore::DynamoDB::Configuration.new(config_file: ARGV[0]).secret_key.codepoints"
      path = file("secret_key: <%= 'clé' %>\n")
      expect(IO.popen([{ "LC_ALL" => "C" }, RbConfig.ruby, "-e", script, path], &:read)).to eq("#{"clé".codepoints}\n")
    end

    it "must name options" do
      path = file("table_nmae: x")
      expect(error { configuration(config_file: path) })
        .to have_attributes(option: "table_nmae", source: path,
                            message: "table_nmae: not an option, did you mean table_name?, from #{path}")
    end

    it "cannot hold objects or another file" do
      expect { configuration(config_file: file("error_handler: x")) }
        .to raise_error(configuration_error, /from Ruby code/)
      expect { configuration(config_file: file("config_file: x")) }
        .to raise_error(configuration_error, /from Ruby code or the environment/)
      expect { configuration(config_file: file("serializer: !ruby/object:Object {}")) }
        .to raise_error(configuration_error, /plain values/)
    end

    it "must exist, be YAML and be a mapping" do
      {
        "none.yml" => /readable YAML file: No such file/,
        directory => /readable YAML file: Is a directory/,
        file("a: [", name: "broken.yml") => /in YAML/,
        file("- a", name: "list.yml") => /mapping of options to values: it holds Array/,
        file("text", name: "text.yml") => /it holds String/,
        file("<%= raise 'oops' %>", name: "erb.yml") => /ERB can be evaluated: RuntimeError: oops/,
        file("secret_key: hush <% ( %>", name: "syntax.yml") => /SyntaxError/
      }.each do |path, message|
        failure = error { configuration(config_file: path) }
        expect(failure.message).to match(message).and include("got #{path.inspect} from Ruby code")
        expect(failure.message).not_to include("hush")
      end
    end

    it "says that its path came from the environment" do
      environment("DYNAMO_DB_SESSION_CONFIG_FILE" => "none.yml")
      expect { configuration }.to raise_error(configuration_error, /"none.yml" from environment variable DYNAMO_DB_/)
    end
  end

  describe "in Rails" do
    it "reads the first file of the known places" do
      rails
      places = %w[config/sessionstore/dynamodb.yml config/aws_dynamo_db_session_store/test.yml
                  config/aws_dynamo_db_session_store.yml config/dynamo_db_session_store/test.yml
                  config/dynamo_db_session_store.yml]
      places.reverse_each do |place|
        file("table_name: #{place.tr("/", "-")}", name: place)
        expect(configuration).to have_attributes(table_name: place.tr("/", "-"), config_file: place)
      end
    end

    it "names the file in errors as the application knows it" do
      rails
      file("max_age: -1", name: "config/sessionstore/dynamodb.yml")
      expect { configuration }.to raise_error(configuration_error, %r{got -1 \(Integer\) from config/sessionstore/dyn})
    end

    it "finds relative paths in the application's root" do
      rails
      file("table_name: mine")
      expect(configuration(config_file: Pathname("sessions.yml")).table_name).to eq("mine")
      expect(configuration(endpoint: "embedded:tmp/x.sqlite3").native_settings[:endpoint])
        .to eq("embedded:#{directory}/tmp/x.sqlite3")
    end

    it "takes secret_key_base for the secret key where none is given" do
      rails(application: rails_application("base"))
      expect(configuration.secret_key).to eq("base")
      expect(configuration(secret_key: "mine").secret_key).to eq("mine")
    end

    it "asks for secret_key_base only when the key is needed" do
      application = Class.new { def secret_key_base = raise("no secret_key_base") }.new
      rails(application:)
      expect { configuration.inspect }.not_to raise_error
      expect { configuration.secret_key }.to raise_error("no secret_key_base")
    end

    it "works without an application" do
      rails
      expect(configuration.secret_key).to be_nil
    end
  end

  describe "an error" do
    it "says which option, what came, where from and what is valid" do
      expect(error { configuration(table_name: 7) }).to have_attributes(
        option: :table_name, value: 7, source: "Ruby code",
        message: "table_name: expected a String of 3 to 255 characters (a-z, A-Z, 0-9, _, . and -), or the ARN of a " \
                 "table, got 7 (Integer) from Ruby code"
      )
    end

    it "lists the valid symbols" do
      expect(error { configuration(on_conflict: :mergee) }.message)
        .to eq("on_conflict: expected :merge, :overwrite or :raise, got :mergee (Symbol) from Ruby code")
    end

    it "never shows a secret" do
      %i[secret_key secret_access_key session_token aws_secret_key].each do |name|
        failure = error { configuration(name => ["hush hush", nil]) }
        expect(failure).to have_attributes(option: name, value: nil)
        expect(failure.message).not_to include("hush")
      end
    end

    it "never shows the value of an unknown option, or the password of a URL" do
      expect(error { configuration(secert_key: "hush") }.message).not_to include("hush")
      expect(error { configuration(endpoint: "http://me:hush@localhost") }.message)
        .to include("//[FILTERED]@localhost")
    end

    it "shortens long values" do
      expect(error { configuration(table_name: "a" * 1000) }.message.length).to be < 300
    end

    it "suggests nothing where nothing is alike" do
      expect(error { configuration(zzzzzz: 1) }.message).to eq("zzzzzz: not an option, from Ruby code")
    end
  end

  describe "validation" do
    invalid = {
      table_name: ["ab", "a" * 256, "a b", "", :sessions, 7, "arn:aws:s3:::bucket/x"],
      table_key: ["", "a" * 256, "data", "lock_token", 1],
      read_capacity: [0, -1, 1.5, "x", true],
      tags: [[], "x", { "" => "x" }, { "a" * 129 => "x" }, { "a" => "x" * 257 }, { "a" => {} },
             (1..51).to_h { |i| [i.to_s, "x"] }],
      kms_key_id: ["", "a b"],
      secret_key: ["", " ", [], [""], ["a", nil], {}, true, 1.5, :key],
      legacy_cookies: ["maybe", 2, []],
      row_ids: %w[secret],
      serializer: [:yaml, Object.new, "x"],
      compress: ["maybe", 2000, [], {}, { threshold: 0 }, { threshold: 409_601 }, { threshold: "x" }, { level: 1 },
                 { threshold: 1, level: 1 }, { threshold: 1, "threshold" => 2 }, "{}", '{"threshold": 1'],
      size_warning: [0, 409_601, 1.5, "x", true],
      max_age: [0, -1, Float::NAN, Float::INFINITY, "x", "1e3", "-5", true, [], 10**400, Complex(1, 1), Time.now,
                BigDecimal("NaN"), 3_155_760_001],
      touch_interval: [-1, "x", Float::NAN],
      lock_expiry_time: [0, -1],
      lock_max_wait_time: [-0.1],
      error_handler: [Object.new, "x"],
      dynamo_db_client: [false],
      region: ["", "eu west", "eu/west"],
      endpoint: ["localhost:8000", "ftp://x", "http://", "http://a?b=1", "http://a b", "embedded:", "http://x:99999",
                 5],
      profile: ["", "a\nb"],
      access_key_id: ["", "a b", "a\nb"],
      max_attempts: [0, 101, 1.0],
      retry_limit: [-1, 100, "x"],
      call_timeout: [0],
      config_file: ["", "a\0b", 5],
      same_site: ["sometimes", 5],
      sidbits: [1],
      httponly: ["maybe"]
    }

    invalid.each do |name, values|
      it "rejects wrong values of #{name}" do
        values.each do |value|
          expect { configuration(name => value) }
            .to raise_error(configuration_error, /\A#{name}: expected /), value.inspect
        end
      end
    end

    it "rejects text in a wrong encoding" do
      %i[table_name secret_key region endpoint config_file max_age].each do |name|
        expect { configuration(name => "\xFF") }.to raise_error(configuration_error, /\A#{name}: expected /)
        expect { configuration(name => "abc".encode("UTF-16LE")) }.to raise_error(configuration_error)
      end
    end

    valid = {
      table_name: ["a.B-_9", "arn:aws:dynamodb:eu-west-1:123456789012:table/sessions"],
      secret_key: ["a", %w[new old]],
      endpoint: ["http://localhost:8000", "https://dynamodb.eu-west-1.amazonaws.com", "embedded",
                 "embedded:/a/b.sqlite3"],
      serializer: [:marshal, Marshal, JSON],
      compress: [false, { threshold: 1 }, { threshold: 409_600 }],
      size_warning: [1, 409_600],
      touch_interval: [0, 0.5],
      max_attempts: [1],
      tags: [{ "team" => "web" }],
      dynamo_db_client: [Object.new]
    }

    valid.each do |name, values|
      it "accepts right values of #{name}" do
        values.each { |value| expect(configuration(name => value).public_send(name)).to eq(value) }
      end
    end

    it "makes plain numbers of all kinds of numbers" do
      { 2.0 => 2, 0.5r => 0.5, BigDecimal("3") => 3, "4" => 4, ".5" => 0.5 }.each do |given, number|
        expect(configuration(max_age: given).max_age).to eql(number)
      end
    end

    it "takes a Duration in its own unit" do
      expect(configuration(max_stale: 1.hour).max_stale).to be(3600)
      expect(configuration(lock_expiry_time: 2.seconds).lock_expiry_time).to be(2000)
      expect { configuration(max_attempts: 3.seconds) }.to raise_error(configuration_error)
    end
  end

  describe "capacity" do
    it "is on demand where neither is given" do
      expect(configuration).to have_attributes(read_capacity: nil, write_capacity: nil)
    end

    it "is what it was in old versions, where only the other is given" do
      expect(configuration(read_capacity: 20)).to have_attributes(read_capacity: 20, write_capacity: 5)
      expect(configuration(write_capacity: 20)).to have_attributes(read_capacity: 10, write_capacity: 20)
    end
  end

  describe "credentials" do
    it "are accepted under old names, after the present ones" do
      config = configuration(aws_access_key: "id", aws_secret_key: "secret", region: "new", aws_region: "old")
      expect(config).to have_attributes(access_key_id: "id", secret_access_key: "secret", region: "new")
    end

    it "come in pairs" do
      environment("DYNAMO_DB_SESSION_SECRET_ACCESS_KEY" => "hush")
      expect(error { configuration }.message)
        .to eq("access_key_id: expected a value beside secret_access_key, got none; secret_access_key is from " \
               "environment variable DYNAMO_DB_SESSION_SECRET_ACCESS_KEY")
      environment({})
      expect { configuration(access_key_id: "id") }.to raise_error(configuration_error, /\Asecret_access_key: /)
      expect { configuration(session_token: "token") }.to raise_error(configuration_error, /\Aaccess_key_id: /)
    end
  end

  describe "client options of old versions" do
    it "count retries as attempts after the first" do
      expect(configuration(retry_limit: 0).max_attempts).to be(1)
      environment("DYNAMO_DB_SESSION_RETRY_LIMIT" => "4")
      expect(configuration.max_attempts).to be(5)
    end

    it "are refused with the way out, where the built-in client does not have them" do
      %i[http_continue_timeout http_idle_timeout ssl_verify_peer ssl_ca_bundle ssl_ca_directory ssl_ca_store log_level
         logger stub_responses credentials user_agent_suffix api_version].each do |name|
        expect { configuration(name => "x") }
          .to raise_error(configuration_error, /\A#{name}: .*aws-sdk-dynamodb gem.* pass it as dynamo_db_client/)
      end
    end
  end

  describe "#rack_options" do
    it "holds the options of Rack that were given, from Ruby code and YAML" do
      path = file("path: /app\nsame_site: Lax\nsecure: 'yes'\n")
      config = configuration("key" => "_app", path: "/", httponly: true, secure: false, config_file: path)
      expect(config.rack_options).to eq(key: "_app", path: "/", same_site: :lax, secure: false, httponly: true)
    end

    it "holds the cookie's lifetimes where they were given, in seconds" do
      expect(configuration.rack_options).to eq({})
      environment("DYNAMO_DB_SESSION_EXPIRE_AFTER" => "60")
      expect(configuration(max_age: 1.hour).rack_options).to eq(max_age: 3600, expire_after: 60)
    end

    it "holds max_age only from Ruby code: with it Rack loads every session, used or not" do
      environment("DYNAMO_DB_SESSION_MAX_AGE" => "60")
      expect(configuration(config_file: file("max_age: 70")).rack_options).to eq({})
    end

    it "leaves out what requests must not see or share" do
      expect(configuration(secret: "hush", old_secret: "hush", id: "x", coder: 1).rack_options).to eq({})
    end

    it "cannot come from the environment" do
      environment("DYNAMO_DB_SESSION_SECURE" => "true")
      expect { configuration }.to raise_error(configuration_error, /Ruby code or a YAML file/)
    end

    it "knows every option of the installed Rack, and of newer ones" do
      require "rack/session/abstract/id"
      newer = %i[same_site assume_ssl trust_proxy partitioned skip drop tld_length]
      names = Rack::Session::Abstract::Persisted::DEFAULT_OPTIONS.keys + newer
      names.each { |name| expect { configuration(name => nil) }.not_to raise_error }
    end
  end

  describe "#require_secret_key!" do
    it "is content with a key" do
      expect { configuration(secret_key: "key").require_secret_key! }.not_to raise_error
    end

    it "says how to set one" do
      expect { configuration.require_secret_key! }.to raise_error(
        Aws::SessionStore::DynamoDB::Errors::MissingSecretKeyError, /secret_key .*_SESSION_SECRET_KEY .*YAML/
      )
    end

    it "does not take an empty secret_key_base for one" do
      rails(application: rails_application(""))
      expect { configuration.require_secret_key! }.to raise_error(Aws::SessionStore::DynamoDB::MissingSecretKeyError)
    end
  end

  it "lists the secret keys, the signing one first" do
    expect(configuration(secret_key: "key").secret_keys).to eq(%w[key])
    expect(configuration(secret_key: %w[new old]).secret_keys).to eq(%w[new old])
  end

  describe "#error_handler" do
    it "is the default one, with raise_errors" do
      handler = configuration(raise_errors: true).error_handler
      expect(handler).to be_a(Aws::SessionStore::DynamoDB::Errors::DefaultHandler)
      expect { handler.handle_error(RuntimeError.new("x")) }.to raise_error("x")
    end

    it "is any object with handle_error" do
      handler = Struct.new(:errors) { def handle_error(error, _env) = errors << error }.new([])
      expect(configuration(error_handler: handler).error_handler).to be(handler)
    end
  end

  describe "its text" do
    let(:config) do
      configuration(secret_key: %w[hush], access_key_id: "id", secret_access_key: "hush", session_token: "hush",
                    dynamo_db_client: Class.new { def inspect = "hush" }.new)
    end

    it "never shows a secret" do
      shown = include('table_name="sessions"').and include("secret_key=[FILTERED]")
      hidden = ->(text) { !text.include?("hush") }
      expect(config.inspect).to shown.and satisfy(&hidden)
      expect(config.to_s).to shown.and satisfy(&hidden)
      expect { pp config }.to output(shown.and(satisfy(&hidden))).to_stdout
    end

    it "is not #to_hash, which has the secrets as in old versions" do
      expect(config.to_hash).to include(secret_key: %w[hush], secret_access_key: "hush", session_token: "hush")
    end
  end

  it "gives a new Hash each time" do
    config = configuration
    config.to_hash[:table_name] = "changed"
    expect(config.to_hash[:table_name]).to eq("sessions")
  end

  describe "#native_settings" do
    it "has all keys, in the types of the native client" do
      expect(configuration.native_settings).to eq(
        table_name: "sessions", table_key: "session_id", consistent_read: true, region: nil, endpoint: nil,
        profile: nil, access_key_id: nil, secret_access_key: nil, session_token: nil, http_open_timeout: 2.0,
        http_read_timeout: 5.0, max_attempts: 3, call_timeout: 15.0
      )
      expect(configuration(call_timeout: 1).native_settings[:call_timeout]).to be_a(Float)
    end

    it "leaves a URL and the engine in memory as they are, and makes a path absolute" do
      endpoints = { "http://localhost:8000" => "http://localhost:8000", "embedded" => "embedded",
                    "embedded:/a/b" => "/a/b", "embedded:b" => File.join(Dir.pwd, "b"),
                    "embedded:~nobody/b" => File.join(Dir.pwd, "~nobody/b") }
      endpoints.each do |given, expected|
        expect(configuration(endpoint: given).native_settings[:endpoint].delete_prefix("embedded:")).to eq(expected)
      end
    end
  end

  describe "the embedded engine" do
    before { described_class::Application.instance_variable_set(:@warned, nil) }

    it "warns once outside of development and test" do
      environment("RACK_ENV" => "production")
      expect { 2.times { configuration(endpoint: "embedded") } }
        .to output(/\AThe session store uses the embedded engine in the environment production.*\n\z/).to_stderr
    end

    it "warns in Rails' log" do
      logger = Struct.new(:lines) { def warn(line) = lines << line }.new([])
      rails(env: "staging", logger:)
      expect { configuration(endpoint: "embedded:x") }.not_to output.to_stderr
      expect(logger.lines).to contain_exactly(/staging/)
    end

    it "is silent in development and test, and where nothing says which environment it is" do
      [{}, { "RACK_ENV" => "test" }, { "RAILS_ENV" => "development", "RACK_ENV" => "production" }].each do |variables|
        environment(variables)
        expect { configuration(endpoint: "embedded") }.not_to output.to_stderr
      end
    end

    it "does not concern a URL" do
      environment("RACK_ENV" => "production")
      expect { configuration(endpoint: "https://embedded.example.com") }.not_to output.to_stderr
    end
  end

  describe "the documentation made of the options" do
    let(:options) { Aws::SessionStore::DynamoDB::Options }

    it "has every option in Markdown, with its environment variable" do
      text = options.to_markdown
      options::ALL.each { |option| expect(text).to include("| `#{option.name}` | #{option.type.name} |") }
      expect(text).to include("| `60` | s | `AWS_DYNAMO_DB_SESSION_TOUCH_INTERVAL` |")
    end

    it "has every option of a file in YAML, commented out" do
      template = options.to_yaml_template
      expect(template.lines).to all(start_with("#").or(eq("\n")))
      expect(configuration(config_file: file(template)).to_hash.compact)
        .to include(described_class::DEFAULTS.compact)
    end

    it "is valid YAML when the lines are uncommented" do
      environment("SESSION_SECRET_KEY" => "s", "SESSION_ACCESS_KEY_ID" => "a", "SESSION_SECRET_ACCESS_KEY" => "b",
                  "SESSION_TOKEN" => "t", "RACK_ENV" => "test")
      template = options.to_yaml_template.gsub(/^# (\w+:( |$))/, '\1').gsub(/^#   /, "  ")
      config = configuration(config_file: file(template))
      given = described_class::DEFAULTS.keys - %i[error_handler dynamo_db_client config_file]
      expect(config.to_hash.slice(*given).values).not_to include(nil)
      expect(config).to have_attributes(endpoint: "embedded", tags: { "team" => "web" }, secret_key: "s")
    end
  end

  it "is found under the old namespace" do
    expect(AWS::SessionStore::DynamoDB::Configuration).to be(described_class)
  end
end
