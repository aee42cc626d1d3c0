# frozen_string_literal: true

require "date"
require "etc"

module Benchmark
  # Where figures are from.
  module Machine
    LIBRARY = "lib/aws/session_store/dynamo_db/aws_sessionstore_dynamodb.so"
    ROOT = File.expand_path("../..", __dir__)
    private_constant :LIBRARY, :ROOT

    # @return [Array<String>] one for each fact
    def self.facts
      ["Processor: #{File.read("/proc/cpuinfo")[/^model name\s*: (.*)$/, 1] || RUBY_PLATFORM}, " \
       "#{Etc.nprocessors} cores, Linux #{Etc.uname[:release]}",
       "Date: #{Date.today.iso8601}",
       "Ruby: #{RUBY_VERSION}",
       "aws-sessionstore-dynamodb: #{File.read(File.join(ROOT, "VERSION")).chomp}",
       "Shared library: #{(File.size(File.join(ROOT, LIBRARY)) / 1e6).round(1)} MB"]
    end
  end
end
