# frozen_string_literal: true

require "spec_helper"
require "support/engines"
require "support/model_check/mutants"
require "support/model_check/run"
require "support/sessions"
require "tmpdir"

# Random requests of several clients on a few sessions: set, delete, clear, count, read, renew, destroy, fail, in all
# modes of conflict, with and without locks, with and without faults. Each client notes what it saw and what it was
# answered. Then an order is looked for in which all of it can have happened, one thing at a time: so nothing that was
# answered is lost, nothing that was deleted or destroyed comes back, and nobody sees what is another's.
#
# MODEL_CHECK_RUNS=10000 makes more runs; MODEL_CHECK_SEED=1234 those of one seed only.
RSpec.describe "The life of sessions in random requests", order: :defined do
  seed = ENV["MODEL_CHECK_SEED"]&.to_i

  # Several at a time: most of the time they wait.
  define_method(:check) do |runs, **options|
    random = Random.new(RSpec.configuration.seed)
    seeds = Queue.new(Array.new(ENV.fetch("MODEL_CHECK_RUNS", runs).to_i) { seed || random.rand(1_000_000_000) }).close
    made = Array.new(4) do
      Thread.new do
        [].tap do |own|
          while (one = seeds.pop)
            own << ModelCheck::Run.new(one, **options).tap(&:history)
          end
        end
      end
    end
    made.flat_map(&:value)
  end

  def expect_no_violation(runs, example)
    report = runs.filter_map(&:report).first
    return unless report

    raise "#{report}\nTo do it again:\n  MODEL_CHECK_SEED=#{report[/\d+/]} MODEL_CHECK_RUNS=20 " \
          "bin/test #{example.file_path} -e \"#{example.full_description}\""
  end

  # Where hardly anything was saved, nothing was shown.
  def expect_saves(runs)
    expect(runs.sum { |run| run.history.saved }).to be > runs.sum(&:size) / 3
  end

  each_engine do |engine|
    before(:context) do
      @folder = Dir.mktmpdir
      @options = engine.options
      # Of a database in memory each process would have its own.
      @options[:endpoint] = "embedded:#{@folder}/sessions.sqlite3" if @options[:endpoint] == "embedded"
      TestTable.create(@options)
    end

    after(:context) do
      TestTable.delete(@options)
      FileUtils.rm_rf(@folder)
    end

    {
      "in turns, the same for the same seed" => [:turns, { "the embedded engine" => 160, "DynamoDB Local" => 40 }],
      "in threads" => [:threads, { "the embedded engine" => 10, "DynamoDB Local" => 30 }],
      "in processes, of which some are killed" => [:processes, { "the embedded engine" => 6, "DynamoDB Local" => 6 }]
    }.each do |name, (mode, runs)|
      it name do |example|
        made = check(runs.fetch(engine.name), mode:, options: @options)
        expect_no_violation(made, example)
        expect_saves(made) unless seed
      end
    end

    next unless engine.name == "the embedded engine"

    describe "are not right with a session store that" do
      def first_report(mutant: nil)
        runs = (1..100).lazy.map { |one| ModelCheck::Run.new(one, mode: :turns, options: @options, mutant:).report }
        runs.find(&:itself)
      end

      ModelCheck::MUTANTS.each do |name, mutant|
        it name do
          expect(first_report(mutant:)).to match(/cannot be explained|sees|got/)
        end
      end

      it "merges no deletions" do
        allow(Aws::SessionStore::DynamoDB::Merge).to receive(:call) { |mine:, theirs:, **| theirs.merge(mine) }
        expect(first_report).to include("cannot be explained")
      end
    end
  end
end
