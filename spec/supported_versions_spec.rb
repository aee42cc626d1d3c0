# frozen_string_literal: true

require "open3"
require "tmpdir"

# What README.md says of versions is what bin/matrix has seen pass.
RSpec.describe "The table of supported versions", :aggregate_failures do
  root = File.expand_path("..", __dir__)
  readme = "#{root}/README.md"
  names = %w[bookworm trixie forky ruby3.4]

  # @return [Array<Array<String>>] the rows of the table, the head first
  define_method(:table) do |file|
    between = File.read(file)[%r{^<!-- versions:.*^<!-- /versions -->$}m]
    between.scan(/^\| (.*) \|$/).map { |row,| row.split(" | ") }
  end

  # As bin/matrix does after a run: writes a row, or takes it out where it is empty.
  # @return [String] what it says, which is nothing where all is well
  define_method(:write_row) do |file, name, row|
    script = "root=$1; shift; source $root/bin/support/prepare.sh; source $root/bin/support/versions_table.sh; " \
             'write_versions_row "$@"'
    Open3.capture2e("bash", "-c", script, "bin/matrix", root, file, names.join(" "), name, row).first
  end

  it "is of runs that bin/matrix can make, one row each" do
    help, = Open3.capture2e("#{root}/bin/matrix", "--help")
    rows = table(readme).drop(1).map(&:first)
    expect(rows).to eq(help[/^NAME: (.*);/, 1].split(", ") & rows)
  end

  it "has only what the gem's own requirements allow" do
    gemspec = Gem::Specification.load("#{root}/aws-sessionstore-dynamodb.gemspec")
    rack = gemspec.dependencies.find { |dependency| dependency.name == "rack" }
    table(readme).drop(1).each do |name, ruby, _, rack_version|
      expect(gemspec.required_ruby_version).to be_satisfied_by(Gem::Version.new(ruby)), name
      expect(rack.requirement).to be_satisfied_by(Gem::Version.new(rack_version)), name
    end
  end

  describe "when bin/matrix has run all specs" do
    around do |example|
      Dir.mktmpdir do |folder|
        @file = "#{folder}/README.md"
        File.write(@file, <<~MARKDOWN)
          | forky | is not in the table |
          <!-- versions: generated -->

          | Name | Ruby |
          |---|---|
          | trixie | 3.3.8 |
          | woody | 1.6.7 |

          <!-- /versions -->
          The end.
        MARKDOWN
        example.run
      end
    end

    it "has what passed, in the order of bin/matrix, and not what is no longer there" do
      expect(write_row(@file, "ruby3.4", "| ruby3.4 | 3.4.11 |")).to eq("")
      expect(write_row(@file, "bookworm", "| bookworm | 3.1.2 |")).to eq("")
      expect(write_row(@file, "trixie", "| trixie | 3.3.9 |")).to eq("")
      expect(File.read(@file)).to eq(<<~MARKDOWN)
        | forky | is not in the table |
        <!-- versions: generated -->

        | Name | Ruby |
        |---|---|
        | bookworm | 3.1.2 |
        | trixie | 3.3.9 |
        | ruby3.4 | 3.4.11 |

        <!-- /versions -->
        The end.
      MARKDOWN
    end

    it "loses what failed" do
      expect(write_row(@file, "trixie", "")).to eq("")
      expect(table(@file)).to eq([%w[Name Ruby]])
    end

    it "is looked for between its marks, or nothing is written" do
      File.write(@file, "no table")
      expect(write_row(@file, "trixie", "| trixie | 3.3.9 |")).to include("README.md does not have the two marks")
      expect(File.read(@file)).to eq("no table")
    end
  end
end
