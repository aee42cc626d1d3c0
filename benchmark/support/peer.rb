# frozen_string_literal: true

module Benchmark
  # What is measured, in a process of its own: no peer pays for the garbage or the threads of another, and the CPU of
  # each is known, all its threads, user and system. Linux only.
  class Peer
    # A fork of this process.
    #
    # @yield [count] in the fork, as often as it is asked
    # @yieldreturn [Object] what {#ask} returns, as text
    def self.fork
      io = IO.popen("-", "r+")
      return new(io) if io

      $stdin.each_line do |line|
        $stdout.puts(yield(Integer(line)).to_s)
        $stdout.flush
      end
      exit!
    end

    # A program that answers each line of its input with one.
    def self.program(*command)
      new(IO.popen(command, "r+"))
    end

    # @param pid [Integer]
    # @return [Float] seconds of CPU that a process has used: what clock_getcpuclockid(3) is for
    def self.cpu_seconds(pid)
      Process.clock_gettime((~pid << 3) | 2)
    end

    attr_reader :pid

    def initialize(io)
      @io = io
      @pid = io.pid
    end

    # @param count [Integer]
    # @return [String] the answer
    def ask(count)
      start(count)
      finish
    end

    # For several at a time: {#ask} in two parts.
    def start(count)
      @io.puts(count.to_s)
      @io.flush
    end

    def finish
      @io.gets&.chomp || abort("a peer has failed")
    end

    # @return [Float] microseconds of CPU for each of `count`
    def cpu(count)
      before = self.class.cpu_seconds(pid)
      ask(count)
      (self.class.cpu_seconds(pid) - before) / count * 1e6
    end

    # @param field [String] "VmRSS", or "VmHWM", which is the highest that was
    # @return [Integer] KB
    def memory(field)
      File.read("/proc/#{pid}/status")[/^#{field}:\s+(\d+)/, 1].to_i
    end

    # The end of its input would not tell it: forks that were made later hold that pipe open too.
    def close
      Process.kill(:KILL, pid)
      @io.close
    end
  end
end
