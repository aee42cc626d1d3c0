# frozen_string_literal: true

require "spec_helper"
require "open3"
require "support/sessions"
require_relative "../../benchmark/scale/collection"
require_relative "../../benchmark/scale/table"
require_relative "../../benchmark/scale/prices"
require_relative "../../benchmark/scale/workload"
require_relative "../../benchmark/support/visits"

# docs/scale.md is computed by this model: its small end, against the capacity units that DynamoDB reports.
RSpec.describe "The model of scale", :aggregate_failures do
  one_kilobyte = { requests: 1, sessions: 1, active: 1, sizes: { 1024 => 1 }, loaded: 1, changed: 0.1,
                   touch_interval: 60 }

  def workload(**values)
    Benchmark::Scale::Workload.new(**values)
  end

  # In the same order in each run.
  def at_random(changes)
    changes.shuffle(random: Random.new(2))
  end

  # `count` requests, of which a share changes its session.
  def changes(count, share)
    Array.new(count) { |index| index < count * share }
  end

  # Requests with so many seconds between them. Time passes for the middleware, which compares the present with the
  # row's last write; the engine and the core, which write the row, know nothing of it.
  def consumed(options, sizes, changes, seconds:)
    visits = Benchmark::Visits.new(options, sizes:)
    time = 0.0
    session = nil
    real = -> { Time.at(Process.clock_gettime(Process::CLOCK_REALTIME)) }
    written = Hash.new([time, real.call])
    allow(Time).to receive(:now) { written[session].last + (time - written[session].first) }
    noting = ->(*) { written[session] = [time, real.call] }
    ActiveSupport::Notifications.subscribed(noting, /\A(save|touch)\.dynamodb_session\z/) do
      visits.run(changes) do |index|
        session = index
        time += seconds
      end
    end
  end

  each_engine do |engine|
    include_context "with sessions", engine

    describe "for 1,000 requests, one a second, on one session of 1 KB that 100 of them change" do
      it "is at most 1,000 read and 250 write units, as DynamoDB reports" do
        units = consumed(options, [1024], at_random(changes(1000, 0.1)), seconds: 1)
        expect([units.reads, units.writes]).to match([be <= 1000, be <= 250])
        expect(units.reads).to eq(workload(**one_kilobyte).reads * 1000)
        expect(units.writes).to be_within(4).of(workload(**one_kilobyte).writes * 1000)
      end

      it "is no more where the changes come first, so that the use of the session is to be noted 15 times" do
        units = consumed(options, [1024], changes(1000, 0.1), seconds: 1)
        expect(units.to_a).to eq([1000, 230, 15])
      end

      it "is a read and two write units a request for a store that writes at every request" do
        units = consumed(options.merge(touch_interval: 0), [1024], changes(100, 0.1), seconds: 1)
        model = workload(**one_kilobyte).written_always
        expect([units.reads, units.writes]).to eq([100, 200]).and eq([model.reads * 100, model.writes * 100])
      end
    end

    # Twenty sessions, of which each is used once in 20 seconds.
    describe "for sessions of all sizes" do
      sizes = [200, 905, 1024, 4000, 20_000]
      several = { requests: 1, sessions: 20, active: 20, sizes: sizes.to_h { |size| [size, 0.2] }, loaded: 1,
                  changed: 0.1, touch_interval: 60 }

      {
        "with the defaults" => [{}, {}],
        "with another touch_interval" => [{ touch_interval: 20 }, { touch_interval: 20 }],
        "with limits, read eventually consistently" =>
          [{ max_age: 86_400, max_stale: 3600, consistent_read: false }, { expires: true, consistent: false }],
        "with locks" => [{ enable_locking: true }, { locking: true }]
      }.each do |name, (set, values)|
        it "is within 5 % of what DynamoDB reports, #{name}" do
          units = consumed(options.merge(set), sizes * 4, at_random(changes(500, 0.1)), seconds: 1)
          model = workload(**several, **values)
          expect(units.reads).to eq(model.reads * 500)
          expect(units.writes).to be_within(5).percent_of(model.writes * 500)
        end
      end
    end

    it "is within 2 % of what a collection consumes" do
      old = Time.now.to_f - 7200
      table = options.except(:secret_key, :raise_errors).merge(table_name: "scale-#{SecureRandom.hex(6)}")
      TestTable.create(table)
      config = Aws::SessionStore::DynamoDB::Configuration.new(table.merge(max_age: 3600))
      store = Aws::SessionStore::DynamoDB::Native.store(config)
      400.times { |index| store.create(format("2::%064d", index), ["x" * 1024, index.even? ? old : nil, nil]) }

      result = Aws::SessionStore::DynamoDB::GarbageCollection.collect_garbage(**table, max_age: 3600)
      model = Benchmark::Scale::Collection.new(rows: 400, sizes: { 1024 => 1 }, garbage: 0.5, max_capacity: 100,
                                               machines: 2)
      expect(result.deleted).to eq(200)
      expect(result.consumed_capacity).to be_within(2).percent_of(model.scan + model.deletions)
      expect(model.hours).to be_within(2).percent_of(result.consumed_capacity / 200 / 3600)
    end
  end

  describe "its table" do
    def table(**values)
      workload = workload(requests: 1000, sessions: 1e6, active: 1e4, sizes: { 1024 => 1 }, loaded: 1, changed: 1,
                          touch_interval: 60, **values)
      Benchmark::Scale::Table.new(workload, prices: Benchmark::Scale::Prices::LIST, utilization: 0.5)
    end

    it "has the partitions that its throughput or its data need, whichever are more" do
      # 1,000 reads of one unit and 1,000 writes of two: 1/3 + 2.
      expect(table.partitions).to eq(3)
      # 1,243 bytes a row.
      expect(table(sessions: 1e9).partitions).to eq(116)
      expect(table(requests: 1, active: 10, sessions: 10).partitions).to eq(1)
    end

    it "costs what its requests cost, or its capacity, and its storage" do
      storage = 1e6 * 1243 / (2**30) * 0.25
      month = 730 * 3600
      expect(table.on_demand).to be_within(0.01).of((month * ((1000 * 0.125) + (2000 * 0.625)) / 1e6) + storage)
      expect(table.provisioned).to be_within(0.01).of((730 * ((2000 * 0.00013) + (4000 * 0.00065))) + storage)
    end
  end

  describe "in docs/scale.md" do
    root = File.expand_path("../..", __dir__)
    document = File.read("#{root}/docs/scale.md")

    it "is shown as it prints" do
      examples = document.scan(/^```console\n\$ (ruby benchmark.*?)\n(.*?)^```/m)
      expect(examples.size).to eq(3)
      examples.each do |command, shown|
        printed, = Open3.capture2e(command, chdir: root)
        expect(printed).to start_with(shown)
      end
    end

    it "says what touch_interval saves" do
      rows = document.scan(/^\| ([\d,]+) \| [\d,]+ s \| (.*) \|$/)
      shown = rows.map { |row| row.join(" | ").delete(",").split(" | ").map(&:to_i) }
      computed = [1000, 10_000, 100_000, 1_000_000].map do |active|
        [active] + [0, 60, 600, 3600].map do |touch_interval|
          workload(**one_kilobyte, requests: 1000, sessions: 1e6, active:, touch_interval:).writes.round
        end
      end
      expect(shown).to eq(computed)
    end
  end

  it "refuses what cannot be, by name" do
    { changed: 1.5, loaded: 2, active: 2, sizes: { 1024 => 0.5 } }.each do |name, value|
      expect { workload(**one_kilobyte, name => value) }.to raise_error(ArgumentError, /\A#{name}: expected/)
    end
    expect { workload(requests: 1) }.to raise_error(ArgumentError, /\Amissing: sessions, active, /)
  end
end
