# frozen_string_literal: true

require "fileutils"
require "open3"
require "tmpdir"

RSpec.describe "rake options", :aggregate_failures do
  root = File.expand_path("..", __dir__)
  readme = "README.md"
  configuration = "lib/aws/session_store/dynamo_db/configuration.rb"

  around { |example| Dir.mktmpdir { |folder| (@folder = folder) && example.run } }

  before do
    write("Rakefile", "")
    [readme, configuration].each { |path| write(path, File.read("#{root}/#{path}")) }
    File.symlink("#{root}/rakelib", "#{@folder}/rakelib")
  end

  def read(path)
    File.read("#{@folder}/#{path}")
  end

  def write(path, text)
    FileUtils.mkdir_p(File.dirname("#{@folder}/#{path}"))
    File.write("#{@folder}/#{path}", text)
  end

  # @return [Array(String, Boolean)] what it printed, and whether it succeeded
  def rake_options
    output, status = Open3.capture2e("rake", "options", chdir: @folder)
    [output, status.success?]
  end

  it "writes the tables from the options that there are, and nothing else" do
    write(readme, read(readme).sub(/(?<=\| `table_name` )[^\n]*/, "is out of date").sub(/^\| `max_age`.*\n/, ""))
    write(configuration, read(configuration).sub(/ *# @!attribute \[r\] max_age\n/, ""))
    [readme, configuration].each { |path| expect(read(path)).not_to eq(File.read("#{root}/#{path}")) }

    expect(rake_options).to eq(["", true])
    [readme, configuration].each { |path| expect(read(path)).to eq(File.read("#{root}/#{path}")), path }
  end

  it "leaves a file alone in which it does not find the table's place" do
    without = read(readme).sub("<!-- /options -->\n", "")
    write(readme, without)
    output, succeeded = rake_options
    expect(output).to include("README.md does not have the two marks")
    expect(succeeded).to be(false)
    expect(read(readme)).to eq(without)
  end
end
