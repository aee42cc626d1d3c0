# frozen_string_literal: true

require "spec_helper"
require "aws-sessionstore-dynamodb"
require "fileutils"
require "support/sessions"
require "timeout"
require "tmpdir"

# A collection that is shared out over machines, and one that is stopped: as processes of their own, by the Rake task
# that docs/scale.md shows.
RSpec.describe "rake dynamo_db:collect_garbage", :aggregate_failures do
  hour = 3600
  tasks = File.expand_path("../lib/tasks/dynamo_db/session_store.rake", __dir__)

  around { |example| Dir.mktmpdir { |folder| (@folder = folder) && example.run } }

  before do
    File.write("#{@folder}/Rakefile", <<~RUBY)
      require "aws-sessionstore-dynamodb"
      task :environment
      load #{tasks.inspect}
    RUBY
    TestTable.create(options)
  end

  after do
    # Those that a failed example leaves behind.
    started.each { |pid, _| stop("KILL", pid) }
    TestTable.delete(options)
  end

  let(:started) { [] }
  let(:store) { Aws::SessionStore::DynamoDB::Native.store(Aws::SessionStore::DynamoDB::Configuration.new(options)) }

  # @return [Array(Integer, String)] the process and the file that it prints to
  def rake(**variables)
    environment = options.to_h { |name, value| ["AWS_DYNAMO_DB_SESSION_#{name.upcase}", value.to_s] }
    environment.merge!(variables.to_h { |name, value| [name.to_s, value.to_s] },
                       "AWS_DYNAMO_DB_SESSION_MAX_AGE" => "3600")
    log = "#{@folder}/#{started.size}.log"
    lib = File.expand_path("../lib", __dir__)
    pid = Process.spawn(environment, RbConfig.ruby, "-I#{lib}", "-S", "rake", "dynamo_db:collect_garbage",
                        chdir: @folder, out: log, err: %i[child out])
    started << [pid, log]
    [pid, log]
  end

  # @return [Integer] how many rows a process says that it deleted, once it has ended
  def deleted((pid, log))
    Process.wait(pid)
    started.delete([pid, log])
    text = File.read(log)
    expect($?).to be_success, text # rubocop:disable Style/SpecialGlobalVars
    Integer(text[/deleted: (\d+)/, 1])
  end

  def stop(signal, pid)
    Process.kill(signal, pid)
    Process.wait(pid)
  rescue Errno::ESRCH, Errno::ECHILD
    nil
  end

  def rows(names)
    names.select { |name| store.item(name) }
  end

  each_engine do |engine|
    let(:options) do
      # In the memory of the embedded engine no two processes would meet.
      endpoint = engine.endpoint == "embedded" ? "embedded:#{@folder}/sessions.sqlite3" : engine.endpoint
      engine.options.merge(endpoint:, table_name: "shared-#{SecureRandom.hex(6)}")
    end

    let(:garbage) { Array.new(120) { |index| "over #{index}" } }
    let(:kept) { Array.new(40) { |index| "in use #{index}" } }

    before do
      { garbage => 2, kept => 0 }.each do |names, hours|
        names.each { |name| store.create(name, ["{}", Time.now.to_f - (hours * hour), nil]) }
      end
    end

    it "deletes each row once where every machine has a segment, at the same time" do
      machines = Array.new(4) { |segment| rake(SEGMENT: segment, TOTAL_SEGMENTS: 4) }
      expect(machines.sum { |machine| deleted(machine) }).to eq(garbage.size)
      expect(rows(garbage + kept)).to eq(kept)
    end

    it "leaves the segments of a machine that does not come for the next run" do
      first = deleted(rake(SEGMENT: 0, TOTAL_SEGMENTS: 2))
      expect(rows(garbage).size).to eq(garbage.size - first).and be_positive
      expect(deleted(rake)).to eq(garbage.size - first)
      expect(rows(garbage + kept)).to eq(kept)
    end

    %w[INT TERM KILL].each do |signal|
      it "is stopped by SIG#{signal} in the middle, without harm, and goes on when it is started again" do
        pid, = rake(MAX_CAPACITY: 20)
        Timeout.timeout(30) { sleep 0.05 while rows(garbage).size > 110 }
        stop(signal, pid)
        # What the engine has begun, it ends.
        sleep 0.2
        left = rows(garbage)
        expect(left.size).to be_between(1, 110)
        expect(rows(kept)).to eq(kept)
        expect(deleted(rake)).to eq(left.size)
        expect(rows(garbage + kept)).to eq(kept)
      end
    end
  end
end
