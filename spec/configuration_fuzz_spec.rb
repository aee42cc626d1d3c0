# frozen_string_literal: true

require "spec_helper"
require "tempfile"
require "yaml"

# Whatever a file, the environment or Ruby code holds: a configuration or a ConfigurationError comes out.
RSpec.describe Aws::SessionStore::DynamoDB::Configuration, "with random input" do
  rounds = Integer(ENV.fetch("FUZZ_ROUNDS", "500"))
  names = Aws::SessionStore::DynamoDB::Options::ALL.map { |option| option.name.to_s } +
          Aws::SessionStore::DynamoDB::Options::OLD_NAMES.map { |option| option.name.to_s } +
          Aws::SessionStore::DynamoDB::Options::RACK.map { |option| option.name.to_s }

  let(:random) { Random.new(RSpec.configuration.seed) }
  let(:secret) { "hush-hush-hush" }

  before do
    stub_const("ENV", {})
    described_class::Application.instance_variable_set(:@warned, nil)
    allow(Kernel).to receive(:warn)
  end

  def bytes(max)
    Array.new(random.rand(max)) { random.rand(1..255) }.pack("C*").force_encoding("UTF-8")
  end

  def one_of(*values)
    values[random.rand(values.size)]
  end

  def scalar
    one_of(nil, true, false, 0, -1, 1, 60, 10**30, 0.5, Float::NAN, Float::INFINITY, "", " ", "1", "true", "json", "a",
           "embedded", "embedded:x", "http://localhost:8000", "http://[", "//", "[", "[1]", "{\"a\":1}", "{", bytes(20),
           "x" * random.rand(300), :json, :public, "#{secret} \xFF")
  end

  def value(depth = 0)
    return scalar if depth > 2 || random.rand < 0.7

    one_of(Array.new(random.rand(4)) { value(depth + 1) },
           Array.new(random.rand(4)) { [scalar, value(depth + 1)] }.to_h)
  end

  define_method(:name) { random.rand < 0.9 ? one_of(*names) : bytes(12).to_s }

  def expect_configuration_or_error(context)
    config = yield
    config.native_settings
    config.inspect
  rescue Aws::SessionStore::DynamoDB::Errors::ConfigurationError => e
    expect(e.message).to match(/: /)
  rescue StandardError, ScriptError => e
    raise "#{e.class}: #{e.message}\n#{e.backtrace.first(5).join("\n")}\nfor #{context.inspect}"
  end

  it "survives Ruby code" do
    rounds.times do
      options = Array.new(random.rand(1..3)) { [one_of(name, scalar), value] }.to_h
      expect_configuration_or_error(options) { described_class.new(options) }
    end
  end

  it "survives the environment" do
    rounds.times do
      variables = Array.new(random.rand(1..3)) do
        [one_of("AWS_DYNAMO_DB_SESSION_", "DYNAMO_DB_SESSION_") + name.upcase(:ascii), scalar.to_s]
      end.to_h
      next if variables.keys.any? { |variable| variable.end_with?("CONFIG_FILE") }

      stub_const("ENV", variables)
      expect_configuration_or_error(variables) { described_class.new }
    end
  end

  it "survives well-formed YAML" do
    rounds.times { expect_yaml(one_of(yaml(value), yaml_of_options)) }
  end

  it "survives broken YAML" do
    rounds.times do
      text = yaml_of_options.b
      random.rand(1..4).times { text.setbyte(random.rand(text.bytesize), random.rand(256)) }
      expect_yaml(text)
    end
  end

  it "never shows a secret" do
    rounds.times do
      given = { one_of(:secret_key, :secret_access_key, :session_token, :aws_secret_key) =>
                one_of(secret, "#{secret}\xFF", [secret], [secret, scalar], { secret => secret }, secret.to_sym),
                one_of(*names) => scalar.then { |other| other.to_s.include?(secret) ? nil : other } }
      text = begin
        described_class.new(given).inspect
      rescue Aws::SessionStore::DynamoDB::Errors::ConfigurationError => e
        "#{e.message} #{e.value.inspect}"
      end
      expect(text).not_to include(secret)
    end
  end

  # YAML writes valid text only.
  def yaml(object)
    object.to_yaml
  rescue ArgumentError
    "--- \xFF"
  end

  def yaml_of_options
    yaml(Array.new(random.rand(1..4)) { [name, value] }.to_h)
  end

  def expect_yaml(text)
    Tempfile.create("fuzz") do |file|
      file.binmode
      # ERB may do anything.
      file.write(text.b.gsub("<%", "%"))
      file.close
      expect_configuration_or_error(text) { described_class.new(config_file: file.path) }
    end
  end
end
