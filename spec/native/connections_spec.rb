# frozen_string_literal: true

require "spec_helper"
require "support/native_stores"
require "support/silent_server"

RSpec.describe "Connections" do
  # A GetItem that finds nothing.
  def server(**options)
    SilentServer.new(**options) { "{}" }
  end

  def attempts
    Thread.current["aws_session_store_stats"].first
  end

  it "are kept from call to call" do
    server = self.server
    server.open { |url| native_store(url).then { |store| 20.times { store.load("id") } } }
    expect(server.connections).to eq(1)
  end

  it "are shared by all stores with the same options" do
    server = self.server
    server.open { |url| 3.times { native_store(url, table_name: "table-#{_1}").load("id") } }
    expect(server.connections).to eq(1)
  end

  it "are as many as calls are under way at once" do
    server = self.server
    server.open do |url|
      store = native_store(url)
      Array.new(8) { Thread.new { 50.times { store.load("id") } } }.each(&:join)
    end
    expect(server.connections).to be_between(1, 8)
  end

  it "that the server has closed meanwhile are replaced without a second attempt" do
    server = self.server(hang_up: true)
    server.open do |url|
      store = native_store(url).measured
      5.times do
        store.load("id")
        expect(attempts).to eq(1)
        sleep 0.05
      end
    end
    expect(server.connections).to eq(5)
  end

  it "of fibers under a scheduler and of threads beside them are not mixed up" do
    require "support/fiber_scheduler"
    server = self.server
    server.open do |url|
      store = native_store(url)
      2.times do
        store.load("id")
        Thread.new do
          Fiber.set_scheduler(FiberScheduler.new)
          5.times { Fiber.schedule { store.load("id") } }
        end.join
      end
    end
    expect(server.connections).to be_between(2, 6)
  end
end
