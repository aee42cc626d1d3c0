# frozen_string_literal: true

require "spec_helper"
require "support/native_stores"
require "support/silent_server"
require "timeout"

RSpec.describe "Interrupting a call" do
  # Against a server that never answers. How soon the interrupt comes through is what is promised; the seconds allowed
  # on top are for a busy machine, and far from the 5 s of the client's own timeout.
  around { |example| SilentServer.open { |url| (@store = native_store(@url = url)) && example.run } }

  let(:soon) { 1.0 }

  it "ends at once with Timeout" do
    taken = Array.new(5) do
      seconds { expect { Timeout.timeout(0.2) { @store.load("id") } }.to raise_error(Timeout::Error) }
    end
    expect(taken).to all(be_between(0.2, 0.2 + soon))
    # Less than 50 ms past the limit, at its best.
    expect(taken.min).to be < 0.25
  end

  it "ends at once with Thread#kill" do
    thread = Thread.new { @store.load("id") }
    sleep 0.1
    expect(seconds { thread.kill.join }).to be < soon
  end

  it "ends at once with Thread#raise, with that very exception" do
    thread = Thread.new { @store.load("id") }
    thread.report_on_exception = false
    sleep 0.1
    error = RuntimeError.new("stop")
    thread.raise(error)
    expect { thread.join(soon) }.to raise_error(be(error))
  end

  it "goes on while Thread.handle_interrupt holds the interrupt back" do
    events = []
    SilentServer.new { sleep(0.4) && "{}" }.open do |url|
      store = native_store(url)
      thread = Thread.new do
        Thread.handle_interrupt(RuntimeError => :never) { events << store.load("id") << :loaded }
      rescue RuntimeError => e
        events << e.message
      end
      sleep 0.1
      thread.raise("later")
      thread.join
    end
    expect(events).to eq([nil, :loaded, "later"])
  end

  it "ends at once with Ctrl-C" do
    output = run_ruby(<<~RUBY)
      require "support/silent_server"
      SilentServer.open do |url|
        store = native_store(url)
        Thread.new { sleep 0.3; Process.kill(:INT, Process.pid) }
        begin
          puts format("%.3f", seconds { begin; store.load("id"); rescue Interrupt; puts "interrupted"; end })
        end
      end
    RUBY
    expect(output.lines.first.chomp).to eq("interrupted")
    expect(output.lines.last.to_f).to be < 0.3 + soon
  end

  it "ends at once with Ctrl-C where the process has no other thread" do
    output = run_ruby(<<~RUBY)
      url = #{@url.inspect}
      store = native_store(url)
      spawn("sleep 0.5; kill -INT \#{Process.pid}")
      puts format("%.3f", seconds { begin; store.load("id"); rescue Interrupt; puts "interrupted"; end })
      puts Thread.list.size
    RUBY
    expect(output.lines.first.chomp).to eq("interrupted")
    expect(output.lines[1].to_f).to be < 0.5 + soon
    expect(output.lines.last.to_i).to eq(1)
  end

  it "goes on after a signal that a handler of the application takes" do
    output = run_ruby(<<~RUBY)
      require "support/silent_server"
      server = SilentServer.new { sleep 0.6; "{}" }
      server.open do |url|
        trap(:USR1) { puts "handled" }
        spawn("sleep 0.2; kill -USR1 \#{Process.pid}; sleep 0.1; kill -USR1 \#{Process.pid}")
        p native_store(url).load("id")
      end
    RUBY
    expect(output.lines(chomp: true)).to eq(%w[handled handled nil])
  end

  it "lets other threads run meanwhile" do
    Thread.new { @store.load("id") }.tap do |thread|
      counted = 0
      expect(seconds { 1_000_000.times { counted += 1 } }).to be < 5 * soon
      expect(thread).to be_alive
      thread.kill.join
    end
  end

  it "leaves a store that works" do
    store = embedded_store
    100.times { Timeout.timeout(0.0001) { store.load("id") } rescue Timeout::Error } # rubocop:disable Style/RescueModifier
    expect(store.load("id")).to be_nil
  end

  it "leaks neither file descriptors nor memory" do
    interrupt = lambda do |times|
      times.times do
        thread = Thread.new { @store.load("id") }
        Thread.pass until thread.stop?
        thread.kill.join
      end
      GC.start
    end
    interrupt.call(200)
    before = [open_files, resident_kilobytes]
    interrupt.call(10_000)
    # The tasks end on their own thread: what is still open is what they have not got to yet.
    sleep 0.1 until open_files <= before.first + 20 || (waited = (waited || 0) + 1) > 50
    expect(open_files).to be <= before.first + 20
    expect(resident_kilobytes - before.last).to be < 20_000
  end

  def open_files
    Dir.children("/proc/self/fd").size
  rescue Errno::ENOENT
    Dir.children("/dev/fd").size
  end

  def resident_kilobytes
    `ps -o rss= -p #{Process.pid}`.to_i
  end
end
