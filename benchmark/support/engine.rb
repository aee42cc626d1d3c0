# frozen_string_literal: true

module Benchmark
  # The programs that benchmarks run beside themselves, built for release: the engine in a process of its own, and the
  # floor.
  module Engine
    ROOT = File.expand_path("../..", __dir__)
    private_constant :ROOT

    # @yieldparam url [String] of an embedded engine behind HTTP
    def self.run
      build
      server = IO.popen([File.join(ROOT, "target/release/examples/engine_server")])
      yield server.gets.chomp
    ensure
      Process.kill(:KILL, server.pid) if server
      server&.close
    end

    # GetItem and UpdateItem on a row that is there, by a plain program.
    #
    # @return [Float] microseconds of CPU for both, without the start of the program
    def self.floor(url, table, row, pairs)
      few = pairs / 10
      (cpu_of_floor(url, table, row, pairs) - cpu_of_floor(url, table, row, few)) / (pairs - few) * 1e6
    end

    def self.cpu_of_floor(url, table, row, pairs)
      before = Process.times
      command = [File.join(ROOT, "target/release/examples/floor"), url, table, row, pairs.to_s]
      system(*command) || abort("the floor failed")
      after = Process.times
      (after.cutime - before.cutime) + (after.cstime - before.cstime)
    end
    private_class_method :cpu_of_floor

    def self.build
      command = %w[cargo build --quiet --release -p session_store_core --example engine_server --example floor]
      system(*command, chdir: ROOT) || abort("the build failed")
    end
    private_class_method :build
  end
end
