# frozen_string_literal: true

require "spec_helper"
require "support/fiber_scheduler"
require "support/native_stores"
require "support/silent_server"

RSpec.describe "Fibers" do
  def in_fibers(count)
    Thread.new do
      Fiber.set_scheduler(FiberScheduler.new)
      count.times { |n| Fiber.schedule { yield n } }
    end.join
  end

  it "lets 100 calls of one thread overlap under a scheduler" do
    delayed = SilentServer.new { sleep(0.05) && "{}" }
    delayed.open do |url|
      store = native_store(url)
      store.load("warm up")
      taken = Array.new(3) do
        done = 0
        seconds { in_fibers(100) { |n| store.load("id #{n}") || (done += 1) } }.tap { expect(done).to eq(100) }
      end
      # One after the other they would take 5 s. The best of three: the machine may be busy with something else.
      expect(taken.min).to be < 1
    end
  end

  it "works in fibers without a scheduler" do
    store = embedded_store
    fibers = Array.new(3) { |n| Fiber.new { Fiber.yield(store.create("id #{n}", ["{}", nil, nil]).first) } }
    expect(fibers.map(&:resume)).to eq(%i[saved saved saved])
  end
end
