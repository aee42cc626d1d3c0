# frozen_string_literal: true

require "json"
require "yaml"

# What the gem depends on, and the versions that several files name.
RSpec.describe "Dependencies" do
  root = File.expand_path("..", __dir__)
  define_method(:text) { |path| File.read("#{root}/#{path}") }

  let(:gemspec) { Gem::Specification.load("#{root}/aws-sessionstore-dynamodb.gemspec") }

  # The names and reasons of the table of docs/architecture.md whose first column has this title.
  def documented(title)
    rows = text("docs/architecture.md")[/^\| #{title} \|.*?\n\n/m].strip.lines.drop(2)
    rows.flat_map do |row|
      names, reason = row.split("|").map(&:strip).reject(&:empty?)
      names.scan(/`([^`]+)`/).flatten.map { |name| [name, reason] }
    end
  end

  it "has a reason for each crate" do
    sections = Dir["#{root}/ext/*/Cargo.toml"].map { |path| File.read(path)[/^\[dependencies\]\n(.+?)(?=^\[|\z)/m, 1] }
    crates = sections.join.scan(/^([\w-]+) =/).flatten.uniq
    expect(documented("crate").map(&:first)).to match_array(crates - ["session_store_core"])
    expect(documented("crate").map(&:last)).to all(match(/\w/))
  end

  it "has a reason for each gem, and no other gem than Rack, its sessions, and what builds the extension" do
    expect(gemspec.dependencies.map(&:name)).to contain_exactly("rack", "rack-session", "rb_sys")
    expect(documented("gem").map(&:first)).to match_array(gemspec.dependencies.map(&:name))
    expect(documented("gem").map(&:last)).to all(match(/\w/))
  end

  it "keeps the tables of Unicode out of the library: the SDK's endpoints have names of ASCII" do
    expect(text("Cargo.lock")).to match(/^name = "idna_adapter"\nversion = "1\.0\.0"$/)
    expect(text("Cargo.lock")).not_to match(/^name = "icu_/)
  end

  describe "the oldest Ruby" do
    let(:oldest) { "3.1" }

    it "is the gemspec's, RuboCop's, the README's and bin/'s" do
      expect(gemspec.required_ruby_version).to eq(Gem::Requirement.new(">= #{oldest}"))
      expect(YAML.safe_load(text(".rubocop.yml")).dig("AllCops", "TargetRubyVersion").to_s).to eq(oldest)
      texts = text("README.md") + text("bin/support/prepare.sh")
      expect(texts.scan(/Ruby (\d\.\d) (?:or later|to)/).flatten.uniq).to eq([oldest])
      expect(text("bin/support/prepare.sh")).to include(%(RUBY_VERSION >= "#{oldest}"))
    end

    it "is the first of those for which gems are made, which are those that are tested" do
      ci, release = %w[ci release].map { |name| YAML.safe_load(text(".github/workflows/#{name}.yml"))["jobs"] }
      tested = ci.dig("specs", "strategy", "matrix", "ruby")
      expect(tested.first).to eq(oldest)
      expect(release.dig("precompiled", "steps").filter_map { |step| step.dig("with", "ruby-versions") })
        .to eq([tested.join(",")])
      expect(release.values.filter_map { |job| job.dig("strategy", "matrix", "ruby") }).to all(eq(tested))
      expect(text("README.md")).to include("Ruby #{oldest} to #{tested.last}")
    end
  end

  it "names one oldest Rust" do
    oldest = text("Cargo.toml")[/^rust-version = "(.+)"$/, 1]
    expect(text("README.md").scan(/Rust (\d[\d.]+\d)/).flatten).to eq([oldest])
    expect(text(".github/workflows/ci.yml")[/rustup-toolchain: "(.+)"/, 1]).to eq(oldest)
  end

  it "has no crate that needs a newer Rust" do
    metadata = JSON.parse(IO.popen(%w[cargo metadata --format-version 1 --locked], chdir: root, &:read))
    oldest = Gem::Version.new(text("Cargo.toml")[/^rust-version = "(.+)"$/, 1])
    newer = metadata["packages"].select { |crate| Gem::Version.new(crate["rust_version"] || "1.0") > oldest }
    expect(newer.map { |crate| crate.values_at("name", "rust_version") }).to eq([])
  end

  it "names one version of the gem" do
    version = text("VERSION").strip
    expect(text("Cargo.toml")[/^version = "(.+)"$/, 1]).to eq(version)
    ours = /^name = "(?:aws_sessionstore_dynamodb|session_store_core)"\nversion = "(.+)"$/
    expect(text("Cargo.lock").scan(ours).flatten).to eq([version, version])
  end
end
