# frozen_string_literal: true

require "spec_helper"
require "support/native_stores"
require "support/silent_server"
require "timeout"
require "tmpdir"

RSpec.describe "Forking" do
  let(:helpers) { <<~RUBY }
    def table_of(store)
      store.request_table(throughput: nil, time_to_live: false, tags: [], kms_key_id: nil,
                         point_in_time_recovery: false, deletion_protection: false)
    end

    def save(store, id)
      store.create(id, ["{}", nil, nil]).first
    end

    def in_child
      reader, writer = IO.pipe
      pid = fork { writer.puts(yield); exit!(0) }
      writer.close
      Process.wait(pid)
      reader.read.chomp
    end
  RUBY

  # Each in a process of its own: a child that used what it inherited would hang, so the time is bounded.
  def in_a_process(code)
    Dir.mktmpdir do |folder|
      Timeout.timeout(60) { run_ruby(%(ENDPOINT = "embedded:#{folder}/sessions.sqlite3"\n#{helpers}\n#{code})) }
    end
  end

  it "works in a child forked before the first use" do
    expect(in_a_process(<<~RUBY)).to eq("true saved saved\n")
      store = native_store(ENDPOINT)
      first = in_child { table_of(store) }
      puts [first, in_child { save(store, "a") }, save(store, "b")].join(" ")
    RUBY
  end

  it "works in a child forked after the first use, and goes on working in the parent" do
    expect(in_a_process(<<~RUBY)).to eq("saved saved saved nil\n")
      store = native_store(ENDPOINT)
      table_of(store)
      results = [save(store, "a"), in_child { save(store, "b") }, save(store, "c")]
      puts [*results, store.load("d").inspect].join(" ")
    RUBY
  end

  it "works in a grandchild" do
    expect(in_a_process(<<~RUBY)).to eq("saved\n")
      store = native_store(ENDPOINT)
      table_of(store)
      puts in_child { store.load("x"); in_child { save(store, "a") } }
    RUBY
  end

  it "works in children forked while other threads are in the middle of calls" do
    expect(in_a_process(<<~RUBY)).to eq("saved\n" * 8)
      store = native_store(ENDPOINT)
      table_of(store)
      threads = Array.new(4) { Thread.new { loop { store.load("x") } } }
      8.times { |n| puts in_child { save(store, "child \#{n}") } }
      threads.each { |thread| thread.kill.join }
    RUBY
  end

  it "works in children forked while other threads are in the middle of writing" do
    expect(in_a_process(<<~RUBY)).to eq("saved\n" * 20)
      store = native_store(ENDPOINT)
      table_of(store)
      threads = Array.new(4) do |n|
        Thread.new { 1.step { |m| store.create("\#{n} \#{m}", ["{}", nil, nil]) } }
      end
      20.times { |n| puts in_child { save(store, "child \#{n}") } }
      threads.each { |thread| thread.kill.join }
    RUBY
  end

  # DynamoDB takes a token that it has seen before for the same transaction, sent again.
  it "gives each child tokens of its own for its transactions" do
    bodies = []
    SilentServer.new { |body| bodies.push(body) && "{}" }.open do |url|
      store = native_store(url)
      store.load("id")
      children = Array.new(3) { fork { exit!(store.rename("old", "new", ["{}", nil, nil], [:exists, nil]).any?) } }
      children.each { |child| Process.wait(child) }
    end
    tokens = bodies.filter_map { |body| body[/"ClientRequestToken":"([^"]+)"/, 1] }
    expect(tokens.size).to eq(3)
    expect(tokens.uniq.size).to eq(3)
  end

  it "lets the child collect what it inherited, and exit normally" do
    expect(in_a_process(<<~RUBY)).to eq("collected\nsaved\n")
      store = native_store(ENDPOINT)
      table_of(store)
      lock = store.keep_lock("a", "token", [0.1, 0.1, 0.1])
      pid = fork { store = lock = nil; 20.times { GC.start }; GC.compact if GC.respond_to?(:compact); puts "collected" }
      Process.wait(pid)
      raise "the child failed" unless $?.success?
      puts save(store, "a")
    RUBY
  end

  it "works after Process.daemon" do
    expect(in_a_process(<<~RUBY)).to eq("saved\n")
      store = native_store(ENDPOINT)
      table_of(store)
      reader, writer = IO.pipe
      fork { Process.daemon(true, true); writer.puts(save(store, "a")); exit!(0) }
      writer.close
      puts reader.read
    RUBY
  end
end
