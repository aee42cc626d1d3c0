# frozen_string_literal: true

require "aws-sessionstore-dynamodb"
require "support/ruby_dynamodb_client"
require "support/sessions"
require "support/visitor"

# The option `dynamo_db_client`: here an object that is as strict as the SDK's client, on DynamoDB Local.
RSpec.describe "dynamo_db_client", :aggregate_failures do
  table = "specs-#{SecureRandom.hex(6)}"
  api = Aws::SessionStore::DynamoDB

  before(:context) do
    # Its start may take longer than a call.
    DynamoDBLocal.endpoint
    TestTable.create(dynamo_db_client: RubyDynamoDBClient.new, table_name: table)
  end

  after(:context) { TestTable.delete(dynamo_db_client: RubyDynamoDBClient.new, table_name: table) }

  let(:client) { RubyDynamoDBClient.new }
  let(:recorder) { ErrorRecorder.new }
  let(:options) { { dynamo_db_client: client, table_name: table, secret_key: "secret", error_handler: recorder } }

  def visitor(cookie: nil, **more)
    Visitor.new(Aws::SessionStore::DynamoDB::RackMiddleware.new(Visitor::APPLICATION, options.merge(more)), cookie:)
  end

  def row(visitor)
    Aws::SessionStore::DynamoDB::Table.item(visitor.cookie, options.merge(dynamo_db_client: RubyDynamoDBClient.new))
  end

  def data(visitor)
    row(visitor)&.dig("data", "S")
  end

  # A visitor with a session, whose requests are not counted.
  def visitor_with(session, **more)
    visitor(**more).tap do |visitor|
      visitor.visit { |stored| stored.update(session) }
      client.requests.clear
    end
  end

  # Code of errors like those of DynamoDB.
  def service_error(code)
    RubyDynamoDBClient::ServiceError.new(code, "as DynamoDB says it")
  end

  describe "is used for every operation, and nothing else is" do
    it "creates, reads, saves, touches, renews and destroys sessions" do
      visitor = visitor(touch_interval: 0)
      visitor.visit { |session| session["count"] = 1 }
      visitor.visit { |session| session["count"] += 1 }
      visitor.visit { |session| session["count"] }
      visitor.visit { |_, request| request.session_options[:renew] = true }
      expect(data(visitor)).to eq('{"count":2}')
      visitor.visit { |_, request| request.session_options[:drop] = true }

      expect(client.operations).to eq(%i[update_item get_item update_item get_item update_item
                                         get_item transact_write_items delete_item])
      expect(recorder.errors).to be_empty
    end

    it "asks neither for a region nor for credentials" do
      expect { visitor.visit { |session| session["a"] = 1 } }.not_to raise_error
      expect(recorder.errors).to be_empty
      expect(api::Configuration.new(options).region).to be_nil
    end

    it "makes, finds and deletes tables with all their properties" do
      named = { dynamo_db_client: client, table_name: "specs-#{SecureRandom.hex(6)}" }
      properties = named.merge(max_stale: 60, read_capacity: 3, tags: { "team" => "web", "Item" => "Key" },
                               deletion_protection: false)
      expect { expect(api::Table.create_table(properties)).to be(true) }.to output(/is now ready/).to_stdout
      expect { expect(api::Table.create_table(properties)).to be(false) }.to output(/already exists/).to_stdout
      expect(api::Table.exist?(named)).to be(true)
      expect { expect(api::Table.delete_table(named)).to be(true) }.to output(/deleted/).to_stdout
      expect { expect(api::Table.delete_table(named)).to be(false) }.to output(/does not exist/).to_stdout
      expect(api::Table.exist?(named)).to be(false)

      expect(client.operations.uniq)
        .to contain_exactly(:create_table, :describe_table, :update_time_to_live, :delete_table)
      create = client.requests.assoc(:create_table).last
      expect(create).to include(tags: [{ key: "team", value: "web" }, { key: "Item", value: "Key" }],
                                provisioned_throughput: { read_capacity_units: 3, write_capacity_units: 5 })
    end

    # DynamoDB Local knows neither keys nor backups: what is sent is what matters.
    it "writes the names of members as the SDK does, abbreviations too" do
      asked = []
      client.before(:create_table) { |params| asked << params }
      client.before(:update_continuous_backups) do |params|
        asked << params
        raise service_error("UnknownOperationException")
      end
      named = { dynamo_db_client: client, table_name: "specs-#{SecureRandom.hex(6)}" }
      create = -> { api::Table.create_table(named.merge(kms_key_id: "alias/sessions", point_in_time_recovery: true)) }
      expect { expect(&create).to raise_error(RubyDynamoDBClient::ServiceError) }.to output(/waiting/).to_stdout
      expect(asked).to match([
                               hash_including(sse_specification: { enabled: true, sse_type: "KMS",
                                                                   kms_master_key_id: "alias/sessions" }),
                               hash_including(point_in_time_recovery_specification: {
                                                point_in_time_recovery_enabled: true
                                              })
                             ])
    ensure
      expect { api::Table.delete_table(named) }.to output.to_stdout
    end
  end

  describe "requests" do
    it "are one Hash with symbols for members and plain values for attributes" do
      visitor = visitor_with({ "a" => 1 }, max_stale: 60)
      visitor.visit { |session| session["a"] = 2 }
      (_, read), (_, write) = client.requests
      key = { "session_id" => Rack::Session::SessionId.new(visitor.cookie).private_id }

      expect(read).to include(table_name: table, key:, consistent_read: true)
      expect(write).to include(
        table_name: table, key:, update_expression: "SET #0 = :0, #1 = :1, #2 = :2, #3 = :3",
        condition_expression: "attribute_exists(#4) AND #0 = :4",
        return_values_on_condition_check_failure: "ALL_OLD",
        expression_attribute_names: { "#0" => "data", "#1" => "created_at", "#2" => "updated_at",
                                      "#3" => "expire_at", "#4" => "session_id" },
        expression_attribute_values: { ":0" => '{"a":2}', ":1" => an_instance_of(BigDecimal),
                                       ":2" => an_instance_of(BigDecimal), ":3" => an_instance_of(Integer),
                                       ":4" => '{"a":1}' }
      )
    end

    it "keep times to the microsecond, and rows show them as DynamoDB does" do
      visitor = visitor_with({ "a" => 1 })
      created_at = row(visitor)["created_at"]
      expect(created_at["N"]).to match(/\A\d{10}\.\d{1,6}\z/)
      visitor.visit { |session| session["a"] = 2 }
      expect(row(visitor)).to include("created_at" => created_at, "data" => { "S" => '{"a":2}' })
    end
  end

  describe "answers" do
    it "may be Structs, Hashes, or objects with to_h" do
      visitor = visitor_with({ "a" => 1 })
      item = client.get_item(table_name: table, key: { "session_id" => api::Table.item(visitor.cookie, options)
                                                                                 .dig("session_id", "S") }).to_h[:item]
      answers = [Struct.new(:item, :consumed_capacity).new(item, nil), { item: }, { "item" => item }]
      answers.each do |answer|
        store = visitor(cookie: visitor.cookie, dynamo_db_client: instance_double(RubyDynamoDBClient, get_item: answer))
        expect(store.visit { |session| session["a"] }).to eq(1)
      end
    end

    # Those of the SDK with `stub_responses: true`: empty collections, and placeholders for everything else.
    it "may be as empty as those of a stubbed client" do
      capacity = { table_name: "TableName", capacity_units: 0.0, read_capacity_units: 0.0, write_capacity_units: 0.0,
                   table: { read_capacity_units: 0.0, write_capacity_units: 0.0, capacity_units: 0.0 },
                   local_secondary_indexes: {}, global_secondary_indexes: {} }
      written = { attributes: {}, consumed_capacity: capacity,
                  item_collection_metrics: { item_collection_key: {}, size_estimate_range_gb: [] } }
      stub = instance_double(RubyDynamoDBClient, get_item: { item: {}, consumed_capacity: capacity },
                                                 update_item: written, delete_item: written,
                                                 transact_write_items: { consumed_capacity: [] })
      [false, true].each do |enable_locking|
        visitor = visitor(dynamo_db_client: stub, enable_locking:)
        visitor.visit { |session| session["a"] = 1 }
        expect(visitor.cookie).not_to be_nil
        visitor.visit { |session| session["a"] = 1 }
        visitor.visit { |_, request| request.session_options[:renew] = true }
        visitor.visit { |session| session.delete("a") }
        visitor.visit { |_, request| request.session_options[:drop] = true }
      end
      expect(recorder.errors).to be_empty
    end

    it "may be nil" do
      stub = instance_double(RubyDynamoDBClient, get_item: nil, update_item: nil)
      expect(visitor(dynamo_db_client: stub).visit { |session| session["a"] = 1 }).to eq(1)
      expect(recorder.errors).to be_empty
    end
  end

  describe "what it raises" do
    let(:error) { service_error("ProvisionedThroughputExceededException") }

    it "reaches the error handler as the very object, from wherever it comes" do
      { get_item: ->(session) { session["a"] },
        update_item: ->(session) { session["a"] = 2 },
        transact_write_items: ->(session) { session.options[:renew] = true },
        delete_item: ->(session) { session.destroy } }.each do |operation, application|
        visitor = visitor_with({ "a" => 1 })
        recorder.errors.clear
        client.before(operation) { raise error }
        visitor.visit(&application)
        expect(recorder.errors).to match([be(error)]), operation.to_s
        expect(data(visitor)).to eq('{"a":1}')
      end
    end

    it "is any StandardError: a client's own, one of the network" do
      [ArgumentError.new("a"), Errno::ECONNREFUSED.new, Class.new(StandardError).new].each do |raised|
        client.before(:get_item) { raise raised }
        visitor_with({ "a" => 1 }).visit { |session| session["a"] }
        expect(recorder.errors.last).to be(raised)
      end
    end

    it "is raised as it is by the default handler, where that raises" do
      { error => true, service_error("AccessDeniedException") => false }.each do |raised, raise_errors|
        client.before(:update_item) { raise raised }
        expect { visitor(error_handler: nil, raise_errors:).visit { |session| session["a"] = 1 } }
          .to raise_error(be(raised))
      end
    end

    it "is left to the client to try again" do
      client.before(:get_item) { raise error }
      visitor_with({ "a" => 1 }).visit { |session| session["a"] }
      expect(client.operations).to eq([:get_item])
    end

    it "ends a renewal that met another transaction: the old session stays" do
      visitor = visitor_with({ "a" => 1 })
      cancelled = RubyDynamoDBClient::TransactionCanceledException
      conflict = cancelled.new("TransactionCanceledException", "cancelled",
                               [cancelled::Reason.new(nil, "TransactionConflict", "in progress"),
                                cancelled::Reason.new(nil, "None", nil)])
      client.before(:transact_write_items) { raise conflict }
      visitor.visit { |_, request| request.session_options[:renew] = true }
      expect(recorder.errors).to match([be(conflict)])
      expect(data(visitor)).to eq('{"a":1}')
    end

    # An interrupt is no error of the client's.
    it "is not touched where it is no StandardError" do
      stop = Class.new(Exception).new # rubocop:disable Lint/InheritException
      client.before(:get_item) { raise stop }
      expect { visitor_with({ "a" => 1 }).visit { |session| session["a"] } }.to raise_error(be(stop))
      expect(recorder.errors).to be_empty
    end
  end

  # The SDK leaves attributes in errors as they came; doubles give plain ones, or none; and the errors that
  # `stub_responses` makes raise NameError.
  %i[sdk plain none unknown].each do |failed_items|
    context "with errors that give the item of a failed condition (#{failed_items})" do
      let(:client) { RubyDynamoDBClient.new(failed_items:) }

      # Another visit of the same session, while this one is under way.
      def meanwhile(visitor, **more, &)
        visitor(cookie: visitor.cookie, dynamo_db_client: RubyDynamoDBClient.new, **more).visit(&)
      end

      it "merges what two requests changed at the same time" do
        visitor = visitor_with({ "a" => 1 })
        visitor.visit do |session|
          session["mine"] = 1
          meanwhile(visitor) { |other| other["theirs"] = 2 }
        end
        expect(JSON.parse(data(visitor))).to eq("a" => 1, "mine" => 1, "theirs" => 2)
      end

      it "merges what was compressed" do
        text = "abc" * 1000
        visitor = visitor_with({ "a" => text }, compress: true)
        visitor.visit do |session|
          session["mine"] = 1
          meanwhile(visitor, compress: true) { |other| other["theirs"] = text }
        end
        expect(row(visitor)["data"].keys).to eq(["B"])
        expect(visitor.visit { |session| session.to_hash.except("session_id") })
          .to eq("a" => text, "mine" => 1, "theirs" => text)
      end

      it "merges what a renewal met" do
        visitor = visitor_with({ "a" => 1 })
        visitor.visit do |session, request|
          session["mine"] = 1
          request.session_options[:renew] = true
          meanwhile(visitor) { |other| other["theirs"] = 2 }
        end
        if failed_items == :unknown
          # Nobody can tell what the transaction was cancelled for.
          expect(recorder.errors.map(&:code)).to eq(["TransactionCanceledException"])
        else
          expect(JSON.parse(data(visitor))).to eq("a" => 1, "mine" => 1, "theirs" => 2)
        end
      end

      it "does not bring back what was destroyed meanwhile" do
        visitor = visitor_with({ "a" => 1 })
        visitor.visit do |session|
          session["mine"] = 1
          meanwhile(visitor, &:destroy)
        end
        expect(row(visitor)).to be_nil
        expect(recorder.errors).to be_empty
      end

      it "waits for a lock that another holds" do
        visitor = visitor_with({ "count" => 0 }, enable_locking: true, lock_max_wait_time: 20, lock_retry_delay: 20)
        others = Array.new(2) { visitor(cookie: visitor.cookie, enable_locking: true, lock_max_wait_time: 20) }
        [visitor, *others].map do |each|
          Thread.new { 3.times { each.visit { |session| session["count"] += 1 } } }
        end.each(&:join)
        expect(recorder.errors).to be_empty
        expect(row(visitor)).to include("data" => { "S" => '{"count":9}' })
        expect(row(visitor).keys).not_to include("locked_at", "lock_token")
      end
    end
  end

  it "takes a client whose errors have no code, but its name" do
    stub_const("Doubles::ConditionalCheckFailedException", Class.new(StandardError))
    client.before(:update_item) { raise Doubles::ConditionalCheckFailedException, "the id is taken" }
    visitor = visitor()
    visitor.visit { |session| session["a"] = 1 }
    # The row of that id is not there: the answer was wrong, and the next id is tried.
    expect(client.operations).to eq(%i[update_item get_item update_item])
    expect(data(visitor)).to eq('{"a":1}')
  end

  it "serves 8 threads at once, and none sees another's session" do
    store = api::RackMiddleware.new(Visitor::APPLICATION, options)
    counts = Array.new(8) do |number|
      Thread.new do
        visitor = Visitor.new(store)
        10.times do
          visitor.visit do |session|
            session["count"] = session.fetch("count", 0) + 1
            session["number"] = number
          end
        end
        visitor.visit { |session| [session["number"], session["count"]] }
      end
    end.map(&:value)
    expect(counts).to eq((0...8).map { |number| [number, 10] })
    expect(recorder.errors).to be_empty
  end
end
