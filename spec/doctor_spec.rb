# frozen_string_literal: true

require "aws-sessionstore-dynamodb"
require "json"
require "stringio"
require "support/engines"
require "support/fault_proxy"
require "support/free_port"
require "support/raw_rows"
require "support/ruby_dynamodb_client"
require "support/silent_server"
require "tmpdir"

RSpec.describe Aws::SessionStore::DynamoDB::Doctor, :aggregate_failures do
  table = Aws::SessionStore::DynamoDB::Table

  # What the doctor says of the surroundings that `options` name, and whether they are healthy.
  report = Struct.new(:healthy, :text) do
    def findings(level)
      text.lines.grep(/\A#{level} /).map { |line| line.delete_prefix(level).strip }
    end

    def problems = findings("problem")
    def warnings = findings("warning")
  end

  define_method(:examine) do |**given|
    output = StringIO.new
    healthy = described_class.run(options.merge(given), output:)
    report.new(healthy, output.string)
  end

  before { allow(table).to receive(:logger).and_return(StringIO.new) }

  # Neither the variables of whoever runs the specs, nor the metadata of the instance.
  around do |example|
    before = ENV.to_h
    ENV.delete_if { |name, _| name.match?(/\A(AWS_|DYNAMO_DB_SESSION_)/) }
    ENV["AWS_EC2_METADATA_DISABLED"] = "true"
    ENV["AWS_CONFIG_FILE"] = ENV["AWS_SHARED_CREDENTIALS_FILE"] = "/nonexistent"
    example.run
  ensure
    ENV.replace(before)
  end

  each_engine do |engine|
    let(:rows) { RawRows.new(engine.options.merge(table_name: "doctor-#{SecureRandom.hex(6)}")) }
    let(:options) { rows.options.merge(secret_key: "a secret", max_stale: 3600) }

    it "finds nothing wrong where nothing is, and leaves nothing behind" do
      table.create_table(options)
      diagnosis = examine
      expect(diagnosis).to have_attributes(healthy: true, problems: [], warnings: [])
      expect(diagnosis.text)
        .to include("table: \"#{options[:table_name]}\" is ACTIVE, on demand")
        .and include("key: \"session_id\", a string")
        .and include("TTL: DynamoDB deletes expired rows, by \"expire_at\"")
        .and include("probe: a row went through UpdateItem, GetItem, TransactWriteItems, DeleteItem")
        .and include("garbage collection: Scan is allowed")
        .and end_with("0 problems, 0 warnings.\n")
      expect(rows.ids).to eq([])
    end

    it "says what a table of provisioned capacity has" do
      table.create_table(options.merge(read_capacity: 7, write_capacity: 3))
      expect(examine.text).to include("provisioned, 7 read and 3 write units")
    end

    it "finds that the table is missing, and says how to create it" do
      diagnosis = examine
      expect(diagnosis.healthy).to be(false)
      expect(diagnosis.problems).to eq(["table: \"#{options[:table_name]}\" does not exist"])
      expect(diagnosis.text)
        .to include("rake dynamo_db:session_store:create_table").and include("1 problem, 0 warnings.")
    end

    it "finds that the table has another key, and names it" do
      table.create_table(options.merge(table_key: "id"))
      diagnosis = examine
      expect(diagnosis.problems).to eq(["key: the table has id (HASH, S), not session_id (HASH, S) alone"])
      expect(diagnosis.text).to include('-> set table_key to "id"')
      expect(examine(table_key: "id").healthy).to be(true)
    end

    it "warns that expired rows stay where TTL is off" do
      table.create_table(options.except(:max_stale))
      diagnosis = examine
      expect(diagnosis.healthy).to be(true)
      expect(diagnosis.warnings).to eq(["TTL: off, so that expired rows stay until they are collected"])
    end

    it "warns that a table only grows where nothing expires" do
      table.create_table(options.except(:max_stale))
      expect(examine(max_stale: nil).warnings).to eq(["TTL: off, and no limit is configured: the table only grows"])
    end

    it "warns of TTL where no limit is configured" do
      table.create_table(options)
      expect(examine(max_stale: nil).warnings)
        .to eq(["TTL: on, but no limit is configured: sessions do not expire"])
    end
  end

  describe "on what an application is configured with" do
    let(:options) { { endpoint: "embedded", table_name: "doctor-#{SecureRandom.hex(6)}", secret_key: "a secret" } }

    before { table.create_table(options) }

    it "says where each option came from" do
      ENV["AWS_DYNAMO_DB_SESSION_MAX_AGE"] = "60"
      Dir.mktmpdir do |folder|
        File.write("#{folder}/sessions.yml", "max_stale: 30\n")
        expect(examine(config_file: "#{folder}/sessions.yml").text)
          .to include("configuration: options given: 6\n")
          .and include("table_name #{options[:table_name].inspect} (Ruby code)")
          .and include('table_key "session_id" (default)')
          .and include("max_age 60 (environment variable AWS_DYNAMO_DB_SESSION_MAX_AGE)")
          .and include("max_stale 30 (#{folder}/sessions.yml)")
      end
    end

    it "shows no secret, and of an access key's id the last four characters" do
      secrets = { secret_key: %w[secret-one secret-two], access_key_id: "AKIAIOSFODNN7EXAMPLE",
                  secret_access_key: "wJalrXUtnFEMI", session_token: "FwoGZXIvYXdzEXAMPLE" }
      text = examine(**secrets).text
      expect(text).to include("access_key_id …MPLE (Ruby code)").and include("secret_key [FILTERED] (Ruby code)")
                  .and include("the first of 2 signs, all verify")
      expect(secrets.values.flatten.select { |secret| text.include?(secret) }).to eq([])
    end

    it "finds an option that is wrong, and goes no further" do
      diagnosis = examine(max_stael: 60)
      expect(diagnosis.healthy).to be(false)
      expect(diagnosis.problems).to match([/max_stael: not an option, did you mean max_stale\?, from Ruby code/])
      expect(diagnosis.text).not_to include("table:")
    end

    it "warns that there is no secret key" do
      expect(examine(secret_key: nil)).to have_attributes(
        healthy: true, warnings: include("secret_key: there is none here")
      )
    end

    it "finds that Rails has no secret key" do
      allow(Aws::SessionStore::DynamoDB::Configuration::Application)
        .to receive(:secret_key_base).and_raise(ArgumentError, "Missing `secret_key_base`")
      expect(examine(secret_key: nil).problems)
        .to eq(["secret_key: the application has none: Missing `secret_key_base`"])
    end

    it "needs neither region nor credentials for the embedded engine, and no policy" do
      expect(examine.text).to include("the embedded engine needs none")
      expect(examine.text).not_to include("policy")
    end
  end

  describe "on the way to DynamoDB" do
    let(:proxy) { FaultProxy.new(DynamoDBLocal.endpoint).start }
    let(:table_name) { "doctor-#{SecureRandom.hex(6)}" }
    let(:rows) { RawRows.new(endpoint: DynamoDBLocal.endpoint, table_name:) }
    let(:options) do
      { endpoint: proxy.url, table_name:, region: "eu-central-1", access_key_id: "AKIAIOSFODNN7EXAMPLE",
        secret_access_key: "test", secret_key: "a secret", max_stale: 3600, max_attempts: 1 }
    end

    before do
      table.create_table(options)
      proxy.reset
    end

    after { proxy.stop }

    always = { times: Float::INFINITY }

    define_method(:refuse) do |*operations|
      operations.each { |name| proxy.refuse(name, "AccessDeniedException", message: "no #{name}", **always) }
    end

    # Changes the answers on their way.
    define_method(:edit) do |operation, header: nil, &change|
      proxy.fault(operation, **always) do |exchange|
        head, body = exchange.forward.split("\r\n\r\n", 2)
        body = change.call(body) if change
        head = head.gsub(/^(content-length|x-amz-crc32|#{header&.first}):.*\r\n/i, "")
        head << "\r\n#{header.join(": ")}" if header
        exchange.reply("#{head}\r\ncontent-length: #{body.bytesize}\r\n\r\n#{body}")
      end
    end

    describe "region and credentials" do
      it "are from the options, and where they are checked is said" do
        expect(examine.text)
          .to include("region: eu-central-1, from Ruby code")
          .and include("credentials: access key …MPLE, from Ruby code; whether they are checked is up to #{proxy.url}")
      end

      it "are from the environment" do
        ENV.update("AWS_DEFAULT_REGION" => "eu-west-1", "AWS_ACCESS_KEY_ID" => "AKIAENVIRONMENT",
                   "AWS_SECRET_ACCESS_KEY" => "hush")
        diagnosis = examine(region: nil, access_key_id: nil, secret_access_key: nil)
        expect(diagnosis.text)
          .to include("region: eu-west-1, from the environment (AWS_REGION or AWS_DEFAULT_REGION)")
          .and include("credentials: access key …MENT, from the environment (AWS_ACCESS_KEY_ID)")
        expect(diagnosis.text).not_to match(/AKIAENV|hush/)
      end

      it "are from a profile" do
        Dir.mktmpdir do |folder|
          File.write("#{folder}/config", <<~INI)
            [profile shop]
            region = eu-west-3
            aws_access_key_id = AKIAPROFILE
            aws_secret_access_key = hush
          INI
          ENV["AWS_CONFIG_FILE"] = "#{folder}/config"
          expect(examine(profile: "shop", region: nil, access_key_id: nil, secret_access_key: nil).text)
            .to include('region: eu-west-3, from profile "shop" of the shared AWS configuration files')
            .and include('credentials: access key …FILE, from profile "shop" of the shared AWS configuration files')
        end
      end

      it "are temporary ones of a container" do
        credentials = { AccessKeyId: "ASIACONTAINER", SecretAccessKey: "hush", Token: "quiet",
                        Expiration: "2999-01-01T00:00:00Z" }
        SilentServer.new { JSON.generate(credentials) }.open do |url|
          ENV["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url
          diagnosis = examine(access_key_id: nil, secret_access_key: nil)
          expect(diagnosis.text)
            .to include("credentials: access key …INER, from container metadata, valid until 2999-01-01")
          expect(diagnosis.text).not_to match(/ASIA|hush|quiet/)
        end
      end

      it "are missing" do
        without = { access_key_id: nil, secret_access_key: nil }
        expect(examine(**without).problems).to match([/\Acredentials: none could be had/])
        expect(examine(**without).text).to include("-> DynamoDB Local takes any")
        expect(examine(endpoint: "https://dynamodb.eu-central-1.amazonaws.com", **without).text)
          .not_to include("DynamoDB Local")
        expect(examine(region: nil, **without).problems).to match([/\Aregion: none is given and none can be found/])
        expect(proxy.calls).to eq([])
      end
    end

    describe "the network" do
      it "leads nowhere" do
        diagnosis = examine(endpoint: "http://127.0.0.1:#{FreePort.find}")
        expect(diagnosis.healthy).to be(false)
        expect(diagnosis.problems).to match([/\Anetwork: .*Connection refused/])
      end

      it "breaks under the probe, whose row is removed all the same" do
        proxy.drop("GetItem")
        expect(examine.problems).to match([/\Aprobe: GetItem failed/])
        expect(rows.ids).to eq([])
      end

      it "breaks when the row is to be removed: its key is said, and its time to live is an hour" do
        proxy.drop("DeleteItem")
        diagnosis = examine(max_stale: nil)
        expect(diagnosis.problems).to match([/\Aprobe: DeleteItem failed/])
        left, = rows.ids
        expect(diagnosis.text).to match(/A row may be left under .*#{left}/)
        expect(left).to start_with("doctor::")
        config = Aws::SessionStore::DynamoDB::Configuration.new(options)
        row = Aws::SessionStore::DynamoDB::Native.store(config).item(left)
        expect(row["expire_at"]["N"].to_i).to be_within(60).of(Time.now.to_i + 3600)
      end
    end

    describe "the clock" do
      def examine_with(offset)
        proxy.reset
        edit("DescribeTable", header: ["Date", (Time.now - offset).utc.strftime("%a, %d %b %Y %T GMT")])
        examine
      end

      it "is as DynamoDB's" do
        expect(examine.text).to include("clock: within 60 s of DynamoDB's")
      end

      it "cannot be compared with answers that have no date" do
        proxy.reset
        refuse("DescribeTable")
        expect(examine.warnings).to include("clock: could not look, the answers of #{proxy.url} have no date")
      end

      it "warns of more than a minute" do
        expect(examine_with(-90)).to have_attributes(healthy: true, warnings: [/\Aclock: (8[89]|90) s behind/])
      end

      it "finds that it is more than five minutes off" do
        expect(examine_with(400)).to have_attributes(healthy: false, problems: [/\Aclock: 40\d s ahead of DynamoDB's/])
      end
    end

    describe "the table" do
      it "is not active" do
        edit("DescribeTable") { |body| body.sub("ACTIVE", "INACCESSIBLE_ENCRYPTION_CREDENTIALS") }
        expect(examine.problems)
          .to eq(["table: #{table_name.inspect} is INACCESSIBLE_ENCRYPTION_CREDENTIALS"])
        expect(proxy.calls).not_to include("UpdateItem")
      end

      it "has a key that can be no session's" do
        client = RubyDynamoDBClient.new
        { "number" => [%w[session_id HASH N]], "pair" => [%w[session_id HASH S], %w[at RANGE N]] }.each do |name, keys|
          client.create_table(
            table_name: "#{table_name}-#{name}", billing_mode: "PAY_PER_REQUEST",
            key_schema: keys.map { |attribute_name, key_type, _| { attribute_name:, key_type: } },
            attribute_definitions: keys.map { |attribute_name, _, attribute_type| { attribute_name:, attribute_type: } }
          )
        end
        expect(examine(table_name: "#{table_name}-number").problems)
          .to eq(["key: the table has session_id (HASH, N), not session_id (HASH, S) alone"])
        expect(examine(table_name: "#{table_name}-pair").problems)
          .to eq(["key: the table has session_id (HASH, S) and at (RANGE, N), not session_id (HASH, S) alone"])
        expect(examine(table_name: "#{table_name}-pair").text).to include("a table's key cannot be changed")
      end

      it "has TTL on another attribute" do
        edit("DescribeTimeToLive") { |body| body.sub("expire_at", "updated_at") }
        expect(examine.problems).to eq(['TTL: DynamoDB deletes rows by "updated_at", not by "expire_at"'])
      end
    end

    describe "permissions" do
      { "UpdateItem" => ["dynamodb:UpdateItem is refused"],
        "GetItem" => ["dynamodb:GetItem is refused"],
        "TransactWriteItems" => ["dynamodb:UpdateItem or dynamodb:DeleteItem, in TransactWriteItems, is refused"],
        "DeleteItem" => ["dynamodb:DeleteItem is refused"] }.each do |operation, refusals|
        it "are missing for #{operation}" do
          refuse(operation)
          diagnosis = examine
          expect(diagnosis.healthy).to be(false)
          expect(diagnosis.problems)
            .to match(refusals.map { |refusal| /\Apermissions: #{refusal}: #{operation} on table .*no #{operation}/ })
          expect(rows.ids).to eq([]) unless operation == "DeleteItem"
        end
      end

      it "are all missing: each is named" do
        refuse("UpdateItem", "GetItem", "DeleteItem", "Scan", "DescribeTable", "DescribeTimeToLive")
        diagnosis = examine
        expect(diagnosis.problems.map { |problem| problem[/dynamodb:\w+/] })
          .to eq(%w[dynamodb:UpdateItem dynamodb:GetItem dynamodb:DeleteItem])
        expect(diagnosis.warnings.filter_map { |warning| warning[/dynamodb:\w+/] })
          .to eq(%w[dynamodb:DescribeTable dynamodb:DescribeTimeToLive dynamodb:Scan])
        expect(diagnosis.text).not_to include("may be left")
      end

      it "need not allow what an application does not do" do
        refuse("DescribeTable", "DescribeTimeToLive", "Scan")
        expect(examine).to have_attributes(
          healthy: true, problems: [], text: include("a row went through UpdateItem, GetItem, TransactWriteItems")
        )
      end

      it "hide that the table is missing, until the row is to be written" do
        refuse("DescribeTable", "DescribeTimeToLive", "Scan")
        table.delete_table(options.merge(endpoint: DynamoDBLocal.endpoint))
        diagnosis = examine
        expect(diagnosis.problems).to match([/\Aprobe: UpdateItem failed: .*create the table/])
        expect(diagnosis.text).not_to include("may be left")
      end

      def policy(text)
        JSON.parse(text[/^\{.*^\}$/m])
      end

      it "are shown as the least IAM policy" do
        expect(policy(examine.text)).to eq(
          "Version" => "2012-10-17",
          "Statement" => [
            { "Sid" => "Sessions", "Effect" => "Allow",
              "Action" => %w[dynamodb:GetItem dynamodb:UpdateItem dynamodb:DeleteItem],
              "Resource" => "arn:aws:dynamodb:eu-central-1:*:table/#{table_name}" },
            { "Sid" => "GarbageCollection", "Effect" => "Allow", "Action" => %w[dynamodb:Scan dynamodb:DeleteItem],
              "Resource" => "arn:aws:dynamodb:eu-central-1:*:table/#{table_name}" }
          ]
        )
      end

      it "are for the table's own ARN where DynamoDB tells it, and for the partition of the region" do
        arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/#{table_name}"
        edit("DescribeTable") { |body| body.sub(/"arn:aws:dynamodb:ddblocal:[^"]*"/, arn.inspect) }
        expect(policy(examine.text)["Statement"].first["Resource"]).to eq(arn)
        proxy.reset
        expect(policy(examine(region: "cn-north-1").text)["Statement"].first["Resource"])
          .to eq("arn:aws-cn:dynamodb:cn-north-1:*:table/#{table_name}")
      end

      it "are for the ARN that is the table's name" do
        arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/elsewhere"
        expect(policy(examine(table_name: arn).text)["Statement"].first["Resource"]).to eq(arn)
      end
    end
  end

  describe "on a client of the user's own" do
    let(:client) { RubyDynamoDBClient.new }
    let(:options) do
      { dynamo_db_client: client, table_name: "doctor-#{SecureRandom.hex(6)}", secret_key: "a secret", max_age: 60 }
    end

    it "goes through that, whose region and credentials are its own" do
      table.create_table(options)
      expect(examine).to have_attributes(
        healthy: true, problems: [], warnings: [], text: include("those of the dynamo_db_client, a RubyDynamoDBClient")
      )
      expect(client.operations.last(8)).to eq(%i[describe_table describe_time_to_live update_item get_item
                                                 transact_write_items delete_item delete_item scan])
    end

    it "says what it refuses, and what it does not have" do
      table.create_table(options)
      refusal = RubyDynamoDBClient::ServiceError.new("AccessDeniedException", "not you")
      client.before(:get_item) { raise refusal }
      client.singleton_class.undef_method(:describe_table)
      diagnosis = examine
      expect(diagnosis.problems).to eq(["permissions: dynamodb:GetItem is refused: not you"])
      expect(diagnosis.warnings).to match([/\Atable: could not look/])
    end
  end
end
