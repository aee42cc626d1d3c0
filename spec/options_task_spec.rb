# frozen_string_literal: true

require "open3"
require "tmpdir"

RSpec.describe "rake options", :aggregate_failures do
  root = File.expand_path("..", __dir__)

  around { |example| Dir.mktmpdir { |folder| (@folder = folder) && example.run } }

  before do
    File.write("#{@folder}/Rakefile", "")
    File.symlink("#{root}/rakelib", "#{@folder}/rakelib")
  end

  # @return [Array(String, Boolean)] what it printed, and whether it succeeded
  def rake_options(readme)
    File.write("#{@folder}/README.md", readme)
    output, status = Open3.capture2e("rake", "options", chdir: @folder)
    [output, status.success?]
  end

  let(:readme) { File.read("#{root}/README.md") }

  it "writes the README's table from the options that there are, and nothing else" do
    stale = readme.sub(/(?<=\| `table_name` )[^\n]*/, "is out of date").sub(/^\| `max_age`.*\n/, "")
    expect(stale).not_to eq(readme)
    expect(rake_options(stale)).to eq(["", true])
    expect(File.read("#{@folder}/README.md")).to eq(readme)
  end

  it "leaves a README alone in which it does not find the table's place" do
    without = readme.sub("<!-- /options -->\n", "")
    output, succeeded = rake_options(without)
    expect(output).to include("does not have the two marks")
    expect(succeeded).to be(false)
    expect(File.read("#{@folder}/README.md")).to eq(without)
  end
end
