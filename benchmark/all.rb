# frozen_string_literal: true

# All benchmarks, one after the other, as Markdown: the text for docs/performance.md. It takes about ten minutes; build
# the extension for release first: `rake compile`.
#
#   ruby -Ilib benchmark/all.rb [--short] [--out DIR]
#
# `--short` takes only as long as it takes to see that everything runs. With `--out DIR` the results are also written
# there, one file a benchmark, for the plots: see benchmark/plots/common.gp.

require "English"
require_relative "support/machine"
require_relative "support/report"

module Benchmark
  # The programs beside this one.
  class All
    # Those that print tables.
    TABLES = { "request" => "CPU of a request", "sizes" => "CPU by the size of the session",
               "throughput" => "Throughput of GetItem", "boot" => "Start of a process",
               "cold" => "First requests of a worker", "collection" => "Garbage collection" }.freeze
    # Those that print text, and the number that makes them short.
    TEXTS = { "capacity" => ["Capacity units", "20"], "memory" => %w[Memory 200] }.freeze
    private_constant :TABLES, :TEXTS

    # @param report [Report]
    def initialize(report)
      @report = report
    end

    def run
      puts(Machine.facts.map { |fact| "- #{fact}" })
      TABLES.each { |name, title| puts heading(title), output(name, *@report.arguments) }
      TEXTS.each do |name, (title, short)|
        puts heading(title), "```text", output(name, *(short if @report.short?)), "```"
      end
    end

    private

    def heading(title)
      ["", "### #{title}", ""]
    end

    def output(name, *arguments)
      command = [RbConfig.ruby, "-I#{File.expand_path("../lib", __dir__)}", File.join(__dir__, "#{name}.rb"),
                 *arguments]
      output = IO.popen(command, &:read)
      $CHILD_STATUS.success? ? output : abort("#{name}.rb failed:\n#{output}")
    end
  end
end

# A result as soon as there is one.
$stdout.sync = true
Benchmark::All.new(Benchmark::Report.new).run
