# frozen_string_literal: true

require "spec_helper"
require "open3"

# In its short form; CRATES=1, which builds other codecs, is for people.
RSpec.describe "benchmark/compression.rb" do
  it "says what each sample session costs with and without compression" do
    root = File.expand_path("../..", __dir__)
    output, status = Open3.capture2e(RbConfig.ruby, "-Ilib", "benchmark/compression.rb", "2", chdir: root)
    expect(status).to be_success, output
    rows = output.scan(/^(JSON|Marshal) +(.*?)  +\d+ +\d+ +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) +[\d.]+ µs +[\d.]+ µs$/)
    expect(rows.size).to eq(22)
    expect(rows).to include(["JSON", "form draft, 4 KB", "5", "3", "2", "2", "1"])
  end
end
