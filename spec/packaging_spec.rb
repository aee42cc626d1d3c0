# frozen_string_literal: true

require "rubygems/package"
require "support/gem_home"
require "support/installed"
require "tmpdir"

# The gems as they are released: packed, installed where nothing else is, and used by an application.
#
# Built in the development profile, and in this checkout's own target/, which takes seconds where the extension is built
# already. PACKAGING_PROFILE=release is how users build.
RSpec.describe "The packed gem", :aggregate_failures do
  root = File.expand_path("..", __dir__)
  profile = ENV.fetch("PACKAGING_PROFILE", "dev")
  cargo = "#{root}/tmp/packaging/cargo"
  build_environment =
    { "RB_SYS_CARGO_PROFILE" => profile, "RB_SYS_CARGO_TARGET_DIR" => "#{root}/target", "CARGO" => cargo }

  # Cargo builds again what depends on variables that have changed: these are as they are in `rake compile`, rather than
  # what RubyGems makes of them each time.
  before(:all) do
    libraries = "#{root}/lib/aws/session_store/dynamo_db"
    FileUtils.mkdir_p(File.dirname(cargo))
    File.write(cargo, <<~SH, perm: 0o755)
      #!/bin/sh
      exec env -u SOURCE_DATE_EPOCH RBCONFIG_sitelibdir=#{libraries} RBCONFIG_sitearchdir=#{libraries} cargo "$@"
    SH
  end

  define_method(:rake) do |task|
    output, status = Open3.capture2e(build_environment, "rake", task, chdir: root)
    raise "rake #{task} failed:\n#{output}" unless status.success?
  end

  define_method(:packed) do |name|
    Gem::Package.new("#{root}/pkg/aws-sessionstore-dynamodb-#{File.read("#{root}/VERSION").strip}#{name}.gem")
  end

  define_method(:files) { |*patterns| Dir.glob(patterns, base: root).sort }

  # These gems, and what they need in turn.
  define_method(:with_dependencies) do |*names|
    names.flat_map do |name|
      gemspec = Gem::Specification.find_all_by_name(name).first
      [name, *with_dependencies(*gemspec&.runtime_dependencies.to_a.map(&:name))]
    end
  end

  # In tmp/, so that Cargo finds again what it has built there.
  define_method(:gem_home) { |name| GemHome.new("#{root}/tmp/packaging/#{name}") }

  let(:texts) { files("*.md", "docs/*.md") + %w[.yardopts LICENSE VERSION] }
  let(:ruby_files) { files("lib/**/*.{rb,rake,tt}", "sig/**/*.rbs") }
  let(:rust_files) { files("ext/*/src/**/*.rs", "ext/*/Cargo.toml") + %w[Cargo.lock Cargo.toml] }

  describe "with sources" do
    before(:all) { rake "build" }

    let(:gem) { packed("") }

    it "has what runs, what builds it, and the documents, and nothing else" do
      extension = ["ext/aws_sessionstore_dynamodb/extconf.rb"]
      expect(gem.contents).to match_array(texts + ruby_files + rust_files + extension)
      expect(gem.contents.grep(%r{\A(?:spec|benchmark|examples|bin|rakelib|tmp|target|\.)|/(?:tests|examples)/}))
        .to eq([".yardopts"])
      expect(gem.contents)
        .to include("Cargo.lock", "README.md", "UPGRADING.md", "CHANGELOG.md", "sig/aws/session_store/dynamo_db.rbs",
                    "ext/session_store_core/src/lib.rs", "ext/aws_sessionstore_dynamodb/src/lib.rs")
    end

    it "leaves out no file of lib and sig, other than what is compiled" do
      left_out = files("{lib,sig}/**/*").select { |path| File.file?("#{root}/#{path}") } - gem.contents
      expect(left_out.grep_v(/\.(?:so|bundle)\z/)).to eq([])
    end

    it "has the documents that YARD is told to show" do
      named = File.read("#{root}/.yardopts").lines(chomp: true).drop_while { |line| line != "-" }.drop(1)
      expect(gem.contents).to include("README.md", *files(*named))
    end

    it "depends on Rack, its sessions, and what builds the extension" do
      expect(gem.spec.runtime_dependencies.map(&:name)).to contain_exactly("rack", "rack-session", "rb_sys")
      expect(gem.spec.development_dependencies).to eq([])
    end

    it "is built where it is installed, and serves a session" do
      # What rb_sys's Makefile would delete is this checkout's build. RubyGems has it built for release otherwise.
      make = "RB_SYS_CARGO_PROFILE=#{profile} CLEANOBJS= CLEANLIBS= RUBYGEMS_CLEAN_DIRS="
      home = gem_home("source")
      home.install("#{root}/pkg/#{gem.spec.file_name}", build_environment.merge("MAKEFLAGS" => make))

      first, second, library, gems = home.visits
      expect([first, second]).to eq(["visit 1", "visit 2"])
      expect(library).to start_with("#{home.folder}/")
      expect(gems.split).to include("aws-sessionstore-dynamodb", "rack", "rack-session", "rb_sys")
      expect(gems.split - with_dependencies("rack", "rack-session", "rb_sys")).to eq(["aws-sessionstore-dynamodb"])
    end
  end

  describe "that is precompiled" do
    before(:all) { rake "native" }

    let(:gem) { packed("-#{Gem::Platform.local}") }
    let(:version) { RUBY_VERSION[/\A\d+\.\d+/] }

    it "has a library for each Ruby, and no sources" do
      libraries = gem.contents.grep(/\.(?:so|bundle)\z/)
      expect(libraries)
        .to include("lib/aws/session_store/dynamo_db/#{version}/aws_sessionstore_dynamodb.#{RbConfig::CONFIG["DLEXT"]}")
        .and all(match(%r{/dynamo_db/\d\.\d+/[^/]+\z}))
      expect(gem.contents - libraries).to match_array(texts + ruby_files)
    end

    it "is for those Rubies, and depends on Rack and its sessions only" do
      expect(gem.spec.platform).to eq(Gem::Platform.local)
      expect(gem.spec.required_ruby_version).to be_satisfied_by(Gem::Version.new(RUBY_VERSION))
      expect(gem.spec.required_ruby_version).not_to be_satisfied_by(Gem::Version.new("9.9"))
      expect(gem.spec.extensions).to eq([])
      expect(gem.spec.dependencies.map(&:name)).to contain_exactly("rack", "rack-session")
    end

    it "is installed without Rust or a compiler, and serves a session" do
      Dir.mktmpdir do |empty|
        home = gem_home("native")
        home.install("#{root}/pkg/#{gem.spec.file_name}", "PATH" => empty)

        first, second, library, gems = home.visits("PATH" => empty)
        expect([first, second]).to eq(["visit 1", "visit 2"])
        expect(library).to start_with("#{home.folder}/gems/").and include("/dynamo_db/#{version}/")
        expect(gems.split).to include("aws-sessionstore-dynamodb", "rack", "rack-session")
        expect(gems.split - with_dependencies("rack", "rack-session")).to eq(["aws-sessionstore-dynamodb"])
      end
    end
  end
end
