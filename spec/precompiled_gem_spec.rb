# frozen_string_literal: true

require "fileutils"
require "tmpdir"
require_relative "../rakelib/precompiled_gem"

# Several Rubies are rarely on one machine: scripts stand in for them, which answer what a Ruby is asked and make an
# empty library. packaging_spec.rb does it with the Ruby at hand.
RSpec.describe PrecompiledGem do
  around { |example| Dir.mktmpdir { |folder| Dir.chdir(folder) { example.run } } }

  before do
    allow($stdout).to receive(:write)
    FileUtils.mkdir_p(%w[lib ext include])
    FileUtils.touch(%w[lib/thing.rb ext/extconf.rb Cargo.toml Cargo.lock include/ruby.h])
  end

  let(:source) do
    Gem::Specification.new("thing", "1.0") do |gemspec|
      gemspec.summary = "A gem with an extension"
      gemspec.authors = ["The specs"]
      gemspec.license = "Apache-2.0"
      gemspec.homepage = "https://example.com"
      gemspec.files = %w[lib/thing.rb ext/extconf.rb Cargo.toml Cargo.lock]
      gemspec.extensions = ["ext/extconf.rb"]
      gemspec.required_ruby_version = ">= 3.1"
      gemspec.add_dependency("rack", "~> 3.0")
      gemspec.add_dependency("rb_sys", "~> 0.9")
    end
  end

  def ruby(name, version, headers: "include")
    File.write(name, <<~SH)
      #!/bin/sh
      [ "$1" = -e ] && printf '#{version}\\n#{File.expand_path(headers)}\\nso\\n' && exit
      printf 'all:\\n\\t@echo #{name} > aws_sessionstore_dynamodb.so\\n' > Makefile
    SH
    File.chmod(0o755, name)
    File.expand_path(name)
  end

  def built(*rubies)
    Gem::Package.new(described_class.new(source, rubies).build)
  end

  it "has a library for each Ruby, and is for those from the first to the last" do
    gem = built(ruby("new", "3.10"), ruby("old", "3.3"))
    expect(gem.contents).to contain_exactly("lib/thing.rb", *%w[3.3 3.10].map do |version|
      "lib/aws/session_store/dynamo_db/#{version}/aws_sessionstore_dynamodb.so"
    end)
    expect(gem.spec.required_ruby_version).to eq(Gem::Requirement.new(">= 3.3", "< 3.11.dev"))
    expect(gem.spec.platform).to eq(Gem::Platform.local)
  end

  it "neither builds anything where it is installed, nor depends on what does; and leaves the other gem as it is" do
    gem = built(ruby("old", "3.3"))
    expect(gem.spec).to have_attributes(extensions: [], dependencies: [have_attributes(name: "rack")])
    expect(source.dependencies.map(&:name)).to eq(%w[rack rb_sys])
    expect(source).to have_attributes(platform: "ruby", extensions: ["ext/extconf.rb"])
  end

  it "takes the first of two with the same version" do
    built(ruby("first", "3.3"), ruby("second", "3.3"))
    expect(Dir["tmp/native/gem/**/*.so"].map { |path| File.read(path) }).to eq(["first\n"])
  end

  it "leaves out a Ruby without headers, and what is no Ruby, and says so" do
    rubies = [ruby("old", "3.3"), ruby("bare", "3.4", headers: "nowhere"), "/nowhere/ruby"]
    expect { @gem = built(*rubies) }.to output(%r{bare is left out: .*nowhere\n/nowhere/ruby is left out: }).to_stderr
    expect(@gem.contents.grep(/\.so/)).to contain_exactly(start_with("lib/aws/session_store/dynamo_db/3.3/"))
  end

  it "says that there is no Ruby to compile for" do
    expect { described_class.new(source, ["/nowhere/ruby"]).build }
      .to raise_error("no Ruby to compile for among /nowhere/ruby").and output.to_stderr
  end
end
