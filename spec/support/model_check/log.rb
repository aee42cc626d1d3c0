# frozen_string_literal: true

require "json"

module ModelCheck
  # What happened, in a file that outlives its process: one line of JSON an event, with the time of the machine's own
  # clock, which its processes share.
  class Log
    # @param path [String]
    def initialize(path)
      @file = File.open(path, "a")
      @file.sync = true
    end

    # @param event [Symbol]
    # @param details [Hash]
    def note(event, **details)
      # One system call: lines of several threads do not mix, and those of a killed process are whole.
      @file.syswrite("#{JSON.generate({ event:, at: ModelCheck.now, **details })}\n")
    end

    # @param paths [Array<String>]
    # @return [Array<Hash>] all events, in their order
    def self.read(paths)
      paths.flat_map { |path| File.readlines(path).map { |line| JSON.parse(line) } }
           .sort_by { |event| event["at"] }
    end
  end

  # @return [Float] seconds
  def self.now
    Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end
end
