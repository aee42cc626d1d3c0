# frozen_string_literal: true

require "aws-sessionstore-dynamodb"
require "stringio"
require "support/engines"
require "support/raw_rows"
require "timeout"

RSpec.describe Aws::SessionStore::DynamoDB::GarbageCollection do
  errors = Aws::SessionStore::DynamoDB::Errors
  hour = 3600

  def self.number(seconds)
    { "N" => format("%.6f", seconds) }
  end

  def self.text(seconds)
    { "S" => seconds.to_s }
  end

  # The limits of the documents' example.
  limits = { max_age: 24 * hour, max_stale: 5 * hour }
  now = Time.now.to_f
  ago = ->(hours) { now - (hours * hour) }
  marshal = { "S" => ["\x04\b{\x06I\"\x06a\x06:\x06ETi\x06"].pack("m0") }
  json = { "S" => '{"a":1}' }

  # What each kind of row is like, as the versions of the gems wrote them. Their times are hours from being another
  # kind's: the other specs may run between the loading of this file and its examples.
  kept = {
    "in use, 0.5" => { "data" => marshal, "created_at" => number(ago[20]), "updated_at" => number(ago[3]) },
    "in use, 3.x" => { "data" => marshal, "created_at" => text(ago[20]), "updated_at" => text(ago[3]) },
    "in use, 4.0, with a limit" => { "data" => json, "created_at" => text(ago[20]), "updated_at" => text(ago[1]),
                                     "expire_at" => { "N" => (now + (6 * hour)).to_i.to_s } },
    "in use, 4.0, without limits" => { "data" => json, "created_at" => text(ago[20]), "updated_at" => text(ago[1]),
                                       "expire_at" => { "N" => ago[1].to_i.to_s } },
    "in use, 5.0" => { "data" => json, "created_at" => number(ago[20]), "updated_at" => number(ago[1]),
                       "expire_at" => { "N" => (now + (6 * hour)).to_i.to_s } },
    "without times" => { "data" => json }
  }
  garbage = {
    "too old, 0.5" => { "data" => marshal, "created_at" => number(ago[25]), "updated_at" => number(ago[1]) },
    "too old, 3.x" => { "data" => marshal, "created_at" => text(ago[25]), "updated_at" => text(ago[1]) },
    "stale, 0.5" => { "data" => marshal, "created_at" => number(ago[7]), "updated_at" => number(ago[6]) },
    "stale, 3.x" => { "data" => marshal, "created_at" => text(ago[7]), "updated_at" => text(ago[6]) },
    "too old and stale, 4.0" => { "data" => json, "created_at" => text(ago[99]), "updated_at" => text(ago[98]),
                                  "expire_at" => { "N" => ago[98].to_i.to_s } }
  }
  expired = {
    "expired, 4.0" => { "data" => json, "created_at" => text(ago[3]), "updated_at" => text(ago[2]),
                        "expire_at" => { "N" => ago[1].to_i.to_s } },
    "expired, 5.0" => { "data" => json, "created_at" => number(ago[3]), "updated_at" => number(ago[2]),
                        "expire_at" => { "N" => ago[1].to_i.to_s } }
  }
  unreadable = {
    "no number" => { "data" => json, "created_at" => { "S" => "yesterday" }, "updated_at" => text(ago[99]) },
    "no time" => { "data" => json, "created_at" => text(ago[99]), "updated_at" => { "BOOL" => true } }
  }

  # `count` rows of each kind; their ids begin with it.
  rows_of = lambda do |count, *kinds|
    kinds.flat_map(&:to_a).flat_map do |kind, attributes|
      Array.new(count) { |index| attributes.merge("session_id" => { "S" => "#{kind} #{index}" }) }
    end
  end

  each_engine do |engine|
    let(:table) do
      options = engine.options.merge(table_name: "garbage-#{SecureRandom.hex(6)}", output: StringIO.new, **limits)
      RawRows.new(options)
    end

    before do
      allow(Aws::SessionStore::DynamoDB::Table).to receive(:logger).and_return(StringIO.new)
      # Without limits the table has no TTL, by which DynamoDB Local would delete rows on its own.
      Aws::SessionStore::DynamoDB::Table.create_table(table.options.except(:output, *limits.keys))
    end

    define_method(:collect) { |**options| described_class.collect_garbage(table.options.merge(options)) }

    # The kinds of rows that are in the table.
    define_method(:kinds) { table.ids.map { |id| id.sub(/ \d+\z/, "") }.uniq }

    # Uses each of the sessions once, in four threads.
    #
    # @return [Array<String>] those that were there
    define_method(:use) do |ids|
      config = Aws::SessionStore::DynamoDB::Configuration.new(table.options.except(:output))
      store = Aws::SessionStore::DynamoDB::Native.store(config)
      threads = ids.shuffle.each_slice((ids.size / 4.0).ceil).map do |slice|
        Thread.new { slice.select { |id| sleep(0.002) && store.touch(id, nil, nil) } }
      end
      threads.flat_map(&:value)
    end

    it "deletes exactly what is over among 20,000 rows, and nothing that is used while it runs" do
      table.put(rows_of[2250, kept] + rows_of[650, garbage, expired] + rows_of[350, unreadable] +
                rows_of[1250, { "used" => garbage["stale, 3.x"] }])
      expect(table.ids.size).to eq(20_000)

      users = Thread.new { use(Array.new(1250) { |index| "used #{index}" }) }
      result = collect
      used = users.value

      left = table.ids.group_by { |id| id.sub(/ \d+\z/, "") }
      expect(left.except("used").transform_values(&:size))
        .to eq(kept.transform_values { 2250 }.merge(unreadable.transform_values { 350 }))
      expect(used - left.fetch("used", [])).to be_empty
      expect(result.to_h).to include(scanned: 20_000, unreadable: 700)
      expect(result.deleted).to eq(20_000 - left.values.sum(&:size))
      expect(result.garbage).to eq(result.deleted + result.spared)
      expect(result.consumed_capacity).to be > result.deleted
    end

    it "deletes only what is past its expire_at where no limit is set, and says so" do
      table.put(rows_of[2, kept, garbage, expired])
      result = collect(max_age: nil, max_stale: nil)
      expect(kinds).to match_array(kept.keys + garbage.keys)
      expect(result.to_s).to include("deleted: 4,", "neither max_age nor max_stale is set, so sessions do not expire")
    end

    it "goes by either limit alone" do
      table.put(rows_of[1, kept, garbage])
      collect(max_age: nil)
      expect(kinds).to match_array(kept.keys + ["too old, 0.5", "too old, 3.x"])
      collect(max_stale: nil)
      expect(kinds).to match_array(kept.keys)
    end

    it "counts and deletes nothing in a dry run" do
      table.put(rows_of[2, kept, garbage, unreadable])
      result = collect(dry_run: true)
      expect(kinds).to match_array(kept.keys + garbage.keys + unreadable.keys)
      expect(result).to be_dry_run.and be_frozen
      expect(result.to_h).to include(scanned: 26, garbage: 10, deleted: 0, spared: 0, unreadable: 4, **limits)
      expect(result.to_s).to match(/\ASessions scanned: 26, to be deleted: 10 \(dry run: nothing was deleted\)/)
        .and include("unreadable: 4").and end_with("limits: max_age 86400 s, max_stale 18000 s.")
    end

    it "shares a table out over machines" do
      table.put(rows_of[20, garbage])
      deleted = [0, 1, 2].map { |segment| collect(total_segments: 3, segment:).deleted }
      expect(deleted.sum).to eq(100)
      expect(deleted).to all be_between(1, 99)
      expect(table.ids).to be_empty
    end

    it "consumes no more capacity in a second than it may" do
      table.put(rows_of[10, garbage])
      result = collect(max_capacity: 25)
      expect(result.deleted).to eq(50)
      # The first request need not wait, and the last ones are not waited for.
      expect(result.seconds).to be > (result.consumed_capacity / 25) - 0.5
    end

    it "can be stopped at any moment and carries on when it is called again" do
      table.put(rows_of[20, garbage])
      expect { Timeout.timeout(1) { collect(max_capacity: 20) } }.to raise_error(Timeout::Error)
      # What the engine has begun, it ends.
      sleep 0.2
      left = table.ids.size
      expect(left).to be_between(60, 99)
      expect(collect.deleted).to eq(left)
    end

    it "raises what DynamoDB says" do
      expect { collect(table_name: "no-such-table") }
        .to raise_error(errors::ResourceNotFoundException, /Scan on table no-such-table/)
    end
  end

  # A client that notes what is asked of it, with two stale rows, of which one is used before it can be deleted.
  recorder = Class.new do
    attr_reader :calls

    define_method(:scan) do |request|
      (@calls ||= []) << [:scan, request]
      rows = %w[stale used].map { |id| { "session_id" => id, "updated_at" => "12.5" } }
      { items: rows, consumed_capacity: { capacity_units: 0.5 } }
    end

    define_method(:delete_item) do |request|
      @calls << [:delete_item, request]
      if request[:key].value?("used")
        raise errors::ConditionalCheckFailedException.new("used", code: "ConditionalCheckFailedException")
      end

      { consumed_capacity: { capacity_units: 1.0 } }
    end
  end

  describe "its requests" do
    let(:client) { recorder.new }
    let(:result) { described_class.collect_garbage(dynamo_db_client: client, max_stale: 60, total_segments: 1) }

    it "are Scan and DeleteItem only, for which an application's policy has the permissions" do
      result
      expect(client.calls.map(&:first)).to eq(%i[scan delete_item delete_item])
    end

    it "ask for no more than what they need" do
      result
      _, scan = client.calls.first
      expect(scan).to include(projection_expression: "#0, #1, #2, #3", return_consumed_capacity: "TOTAL")
      expect(scan[:expression_attribute_names].values)
        .to contain_exactly("session_id", "created_at", "updated_at", "expire_at")
    end

    it "carry the condition that the row is still as it was seen, so that a session that is used stays" do
      expect(result.to_h).to include(scanned: 2, garbage: 2, deleted: 1, spared: 1, consumed_capacity: 1.5)
      _, deletion = client.calls.last
      expect(deletion).to include(condition_expression: "attribute_not_exists(#key) OR (#0 = :0)",
                                  expression_attribute_names: { "#key" => "session_id", "#0" => "updated_at" },
                                  expression_attribute_values: { ":0" => "12.5" })
    end
  end

  describe "the progress" do
    let(:output) { StringIO.new }

    def collect
      described_class.collect_garbage(dynamo_db_client: recorder.new, max_stale: 60, total_segments: 1, output:)
    end

    define_method(:recorder) { recorder }

    it "is shown on a terminal, in one line" do
      allow(output).to receive(:tty?).and_return(true)
      collect
      expect(output.string).to end_with("\r\e[K2 sessions scanned, 2 of them garbage, 1 deleted, " \
                                        "1.5 capacity units consumed\n")
      expect(output.string.count("\n")).to eq(1)
    end

    it "is written again each second" do
      allow(output).to receive(:tty?).and_return(true)
      slow = recorder.new
      allow(slow).to(receive(:scan).and_wrap_original { |scan, request| sleep(1.2) && scan.call(request) })
      described_class.collect_garbage(dynamo_db_client: slow, max_stale: 60, total_segments: 1, output:)
      expect(output.string.scan("\e[K0 sessions scanned").size).to eq(2)
    end

    it "ends with the collection that fails" do
      allow(output).to receive(:tty?).and_return(true)
      failing = recorder.new
      allow(failing).to receive(:scan).and_raise("no")
      threads = Thread.list
      expect do
        described_class.collect_garbage(dynamo_db_client: failing, max_stale: 60, output:)
      end.to raise_error("no")
      expect(output.string).to end_with("\n")
      expect(Thread.list - threads).to be_empty
    end

    it "is not shown elsewhere" do
      collect
      expect(output.string).to be_empty
    end
  end

  describe "its options" do
    define_method(:collect) { |options| described_class.collect_garbage(dynamo_db_client: recorder.new, **options) }

    it "are named when they are wrong" do
      { dry_run: "perhaps", total_segments: 0, segment: -1, max_capacity: 0.5, output: 1 }.each do |name, value|
        expect { collect(name => value) }
          .to raise_error(errors::ConfigurationError, /\A#{name}: expected .+, got #{Regexp.escape(value.inspect)}/)
      end
    end

    it "may have Strings as names, as all options" do
      expect(described_class.collect_garbage("dynamo_db_client" => recorder.new, "dry_run" => true)).to be_dry_run
    end

    it "divide the table knowingly, or not at all" do
      expect { collect(segment: 1) }.to raise_error(errors::ConfigurationError, /total_segments beside it/)
      expect { collect(segment: 3, total_segments: 3) }
        .to raise_error(errors::ConfigurationError, "segment: expected a number below total_segments (3), got 3")
    end

    it "are not hidden behind unknown ones" do
      expect { collect(dry_runn: true) }.to raise_error(errors::ConfigurationError, /dry_runn: not an option/)
    end

    it "come from the environment in a Rake task" do
      environment = { "DRY_RUN" => "1", "SEGMENT" => "3", "TOTAL_SEGMENTS" => "16", "MAX_CAPACITY" => "2.5" }
      expect(described_class.environment_options(environment))
        .to eq(dry_run: true, segment: 3, total_segments: 16, max_capacity: 2.5)
      expect(described_class.environment_options("DRY_RUN" => "", "SEGMENT" => nil)).to eq({})
      expect { described_class.environment_options("SEGMENT" => "x") }
        .to raise_error(errors::ConfigurationError, /\Asegment: .*got "x" \(String\) from environment variable SEGMENT/)
    end
  end
end
