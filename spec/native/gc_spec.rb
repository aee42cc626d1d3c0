# frozen_string_literal: true

require "spec_helper"
require "support/native_stores"

RSpec.describe "Ruby's garbage collector" do
  it "finds nothing to break under GC.stress" do
    store = embedded_store
    GC.stress = true
    outcome, row = store.create("id", ["{}", nil, nil])
    loaded = store.load("id")
    GC.stress = false
    expect([outcome, loaded[0], loaded[1]]).to eq([:saved, "{}", row[1]])
  ensure
    GC.stress = false
  end

  it "may compact around calls" do
    skip "this Ruby cannot compact" unless GC.respond_to?(:compact)

    # In a process of its own: other libraries of the specs' process may not.
    output = run_ruby(<<~RUBY)
      store = embedded_store
      store.create("id", ["{}", nil, nil])
      GC.compact
      GC.verify_compaction_references(double_heap: true, toward: :empty) if GC.respond_to?(:verify_compaction_references)
      puts store.load("id").first
    RUBY
    expect(output.lines.last.chomp).to eq("{}")
  end

  it "says clearly that other Ractors cannot call" do
    output = run_ruby(<<~RUBY)
      Warning[:experimental] = false
      settings = embedded_store
      ractor = Ractor.new do
        Aws::SessionStore::DynamoDB::Native.read_marshal("\\x04\\b0")
      rescue StandardError => e
        e.class.name
      end
      puts ractor.respond_to?(:value) ? ractor.value : ractor.take
    RUBY
    expect(output).to include("Ractor::UnsafeError")
  end

  it "keeps the resident memory flat over many calls" do
    output = run_ruby(<<~RUBY)
      store = embedded_store
      store.create("id", [%({"a":"#{"x" * 1000}"}), nil, nil])
      rss = lambda { GC.start; `ps -o rss= -p \#{Process.pid}`.to_i }
      calls = lambda { |n| n.times { store.load("id") } }
      calls.call(2000)
      points = Array.new(5) { calls.call(1000); rss.call }
      puts points.last - points.first
    RUBY
    # 4,000 calls of 1 KB each: a leak of every row would be 4,000 kB.
    expect(output.to_i).to be < 1500
  end
end
