# frozen_string_literal: true

require "json"
require "support/rails_application"

# What tables, tasks and migrations take from `config.session_store`.
RSpec.describe "The application's own session options", :aggregate_failures do
  before(:context) { @app = RailsApplication.new("--skip-active-record") }
  after(:context) { @app.delete }

  def initializer(content)
    @app.write("config/initializers/session_store.rb", content)
  end

  # @return [Object] what the Ruby code is in the application
  def in_application(code)
    JSON.parse(@app.run!("bin/rails", "runner", <<~RUBY), symbolize_names: true)
      module Probe
        Configuration = Aws::SessionStore::DynamoDB::Configuration

        def self.options(given = {})
          Configuration.for_application(given).to_hash.slice(:table_name, :max_stale, :region)
        end
      end
      puts JSON.generate(#{code})
    RUBY
  end

  own = { table_name: "own-sessions", max_stale: 60, region: "eu-west-1" }
  defaults = { table_name: "sessions", max_stale: nil, region: nil }

  [
    "Rails.application.config.session_store :dynamodb_store, **OWN",
    "Rails.application.config.session_store :dynamo_db_store, key: '_shop', same_site: :lax, **OWN",
    <<~RUBY
      class ShopStore < ActionDispatch::Session::DynamodbStore; end
      Rails.application.config.session_store ShopStore, **OWN
    RUBY
  ].each do |code|
    it "are the base after #{code.lines.last.strip}" do
      initializer("OWN = #{own.inspect}.freeze\n#{code}")
      expect(in_application("Probe.options")).to eq(own)
    end
  end

  [
    "Rails.application.config.session_store :cookie_store, **OWN",
    "Rails.application.config.session_store :disabled, **OWN"
  ].each do |code|
    it "are another store's after #{code}" do
      initializer("OWN = #{own.inspect}.freeze\n#{code}")
      expect(in_application("Probe.options")).to eq(defaults)
    end
  end

  it "are not there yet before the initializers have run, nor where there are none" do
    initializer("BEFORE = Aws::SessionStore::DynamoDB::Configuration.for_application.table_name\n")
    expect(in_application("BEFORE")).to eq("sessions")
    expect(in_application("Probe.options")).to eq(defaults)
  end

  context "with options given to the method" do
    before { initializer("Rails.application.config.session_store :dynamodb_store, **#{own.inspect}") }

    it "are used where the method was given nothing, nil being nothing" do
      expect(in_application("Probe.options(table_name: 'given', max_stale: nil)")).to eq(**own, table_name: "given")
    end

    it "give way to an option however it is spelt" do
      expect(in_application("Probe.options('table_name' => 'given', aws_region: 'us-west-2')"))
        .to eq(**own, table_name: "given", region: "us-west-2")
    end

    it "do not reach a store that is given options of its own" do
      expect(in_application("Probe::Configuration.new.table_name")).to eq("sessions")
    end

    it "go before the environment and the YAML file" do
      @app.write("config/sessionstore/dynamodb.yml", "table_name: from-the-file\nmax_age: 90\n")
      @app.env["AWS_DYNAMO_DB_SESSION_TABLE_NAME"] = "from-the-environment"
      expect(in_application("Probe.options.merge(max_age: Probe::Configuration.for_application.max_age)"))
        .to eq(**own, max_age: 90)
    ensure
      @app.delete("config/sessionstore")
      @app.env.delete("AWS_DYNAMO_DB_SESSION_TABLE_NAME")
    end
  end

  it "are named as the source of a wrong value" do
    expect { Aws::SessionStore::DynamoDB::Configuration.new({}, max_stale: :long) }
      .to raise_error(Aws::SessionStore::DynamoDB::Errors::ConfigurationError, /:long .* from config\.session_store/)
  end
end
