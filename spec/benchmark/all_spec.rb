# frozen_string_literal: true

require "spec_helper"
require "open3"
require "tmpdir"
require_relative "../../benchmark/support/ruby_client"

# Its short form, with programs that are built quickly: whether it runs and what it shows, never how long that takes.
RSpec.describe "benchmark/all.rb", :aggregate_failures do
  root = File.expand_path("../..", __dir__)
  client_in_ruby = Benchmark::RubyClient.available?

  # What each program prints, by its heading.
  def sections(folder, root)
    command = [{ "BENCHMARK_PROFILE" => "dev" }, RbConfig.ruby, "-Ilib", "benchmark/all.rb", "--short", "--out", folder]
    output, errors, status = Open3.capture3(*command, chdir: root)
    expect(status).to be_success, "#{output}\n#{errors}"
    "### Machine\n#{output}".scan(/^### (.*?)\n(.*?)(?=^### |\z)/m).to_h
  end

  # The names of a table's rows, which have only figures beside them.
  def rows(table)
    table.scan(/^\| (.*?) +\|((?: +[\d.]* \|)+)$/).map(&:first)
  end

  it "runs all benchmarks and shows what each of them has measured" do
    Dir.mktmpdir do |folder|
      sections = sections(folder, root)
      ruby = ->(*names) { client_in_ruby ? names : [] }

      expect(sections.keys).to eq(["Machine", "CPU of a request", "CPU by the size of the session",
                                   "Throughput of GetItem", "Start of a process", "First requests of a worker",
                                   "Garbage collection", "Capacity units", "Memory"])
      expect(sections["Machine"]).to match(/^- Ruby: #{RUBY_VERSION}$/)
      expect(rows(sections["CPU of a request"]))
        .to start_with("request: load and save 1 KB", "request: load, unchanged", "request: session untouched")
        .and include("floor, Rust: GetItem and UpdateItem", *ruby.call("ceiling, Ruby: GetItem and UpdateItem"))
      expect(rows(sections["CPU by the size of the session"])).to eq(%w[0.2 1 4 16 64 150 300])
      expect(rows(sections["Throughput of GetItem"]).tally)
        .to eq("threads" => 6, "processes" => 3, "fibers" => 3, **ruby.call(["threads, client in Ruby", 2]).to_h)
      expect(rows(sections["Start of a process"]))
        .to start_with("this gem", "this gem, under Rack alone", *ruby.call("client in Ruby"))
      expect(rows(sections["First requests of a worker"])).to eq(["as it comes", "after warm_up"])
      expect(rows(sections["Garbage collection"])).to eq(ruby.call("this gem", "sequential, in Ruby") * 2)
      expect(sections["Capacity units"]).to match(/^this store, measured +20\.0 +\d+\.\d$/)
      expect(sections["Memory"]).to match(/^200 calls: .* bytes a call$/)
      expect(File.readlines("#{folder}/sizes.tsv", chomp: true).map { |line| line.split("\t").first })
        .to eq(["session, KB", "0.2", "1", "4", "16", "64", "150", "300"])
    end
  end

  it "says what it does not know" do
    output, status = Open3.capture2e(RbConfig.ruby, "-Ilib", "benchmark/sizes.rb", "--shrot", chdir: root)
    expect(status).not_to be_success
    expect(output).to match(/--shrot.*--short/m)
  end
end
