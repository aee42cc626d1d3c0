# frozen_string_literal: true

require_relative "peer"

module Benchmark
  # The programs that benchmarks run beside themselves: the engine in a process of its own, and the floor. Built for
  # release; with BENCHMARK_PROFILE=dev quickly, to see that a benchmark runs.
  module Engine
    ROOT = File.expand_path("../..", __dir__)
    private_constant :ROOT

    # @param delay [Numeric] milliseconds that each answer takes longer
    # @yieldparam url [String] of an embedded engine in memory, behind HTTP
    # @yieldparam pid [Integer] of its process
    def self.run(delay: 0)
      build
      server = IO.popen([program("engine_server"), "embedded", delay.to_s])
      yield server.gets.chomp, server.pid
    ensure
      Process.kill(:KILL, server.pid) if server
      server&.close
    end

    # A plain Rust program on a row that is there.
    #
    # @param calls [String] what it makes each time: "pairs" of GetItem and UpdateItem, or "reads", GetItem alone
    # @return [Peer]
    def self.floor(url, table, row, calls)
      Peer.program(program("floor"), url, table, row, calls)
    end

    def self.build
      return if @built

      command = ["cargo", "build", "--quiet", "--package", "session_store_core", *("--release" if release?)]
      @built = system(*command, "--example", "engine_server", "--example", "floor", chdir: ROOT)
      @built || abort("the build failed")
    end
    private_class_method :build

    def self.program(name)
      File.join(ENV.fetch("CARGO_TARGET_DIR", File.join(ROOT, "target")), release? ? "release" : "debug", "examples",
                name)
    end
    private_class_method :program

    def self.release?
      ENV["BENCHMARK_PROFILE"] != "dev"
    end
    private_class_method :release?
  end
end
