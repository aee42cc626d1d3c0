# frozen_string_literal: true

require "securerandom"
require "support/dynamodb_local"

# The engines on which every integration example has to hold. `each_engine` runs the same examples on each:
#
#   each_engine do |engine|
#     it "creates the table" do
#       Aws::SessionStore::DynamoDB::Table.create_table(engine.options)
#     end
#   end
module Engines
  # `options` are those of Configuration. Each call of `each_engine` has a table name of its own, so that neither
  # groups of examples nor runs meet.
  Engine = Struct.new(:name, :locate, :table_name) do
    def options
      { endpoint:, table_name:, region: "us-east-1", access_key_id: "test", secret_access_key: "test" }
    end

    def endpoint
      locate.call
    end
  end

  ENDPOINTS = {
    "the embedded engine" => -> { "embedded" },
    "DynamoDB Local" => -> { DynamoDBLocal.endpoint }
  }.freeze

  # The block is named because Ruby 3.3.0 refuses to forward an anonymous one from within a block.
  def each_engine(&examples) # rubocop:disable Naming/BlockForwarding
    ENDPOINTS.each do |name, locate|
      engine = Engine.new(name, locate, "specs-#{SecureRandom.hex(6)}")
      context "with #{name}" do
        let(:engine) { engine }
        instance_exec(engine, &examples) # rubocop:disable Naming/BlockForwarding
      end
    end
  end
end

RSpec.configure { |config| config.extend Engines }
