# frozen_string_literal: true

require "aws/session_store/dynamo_db/native_library"
require "fileutils"
require "tmpdir"

# Ruby files stand in for the libraries: `require` takes either.
RSpec.describe Aws::SessionStore::DynamoDB::NativeLibrary do
  around { |example| Dir.mktmpdir { |folder| (@folder = folder) && example.run } }

  let(:loaded) { [] }
  let(:built) { "#{@folder}/built/aws_sessionstore_dynamodb" }
  let(:ending) { RbConfig::CONFIG["DLEXT"] }

  before { stub_const("LOADED_LIBRARIES", loaded) }

  def library(name, content = "LOADED_LIBRARIES << #{name.inspect}")
    file = "#{@folder}/#{name}/aws_sessionstore_dynamodb"
    FileUtils.mkdir_p(File.dirname(file))
    File.write(content.start_with?("LOADED") ? "#{file}.rb" : "#{file}.#{ending}", content)
  end

  def load(**differences)
    described_class.new(folder: @folder, built:, ruby_version: "3.4.1", **differences).load
  end

  it "loads the library that was precompiled for the running Ruby, rather than the built one" do
    %w[3.1 3.4 built].each { |name| library(name) }
    load
    expect(loaded).to eq(["3.4"])
  end

  it "tells 3.1 from 3.10" do
    %w[3.1 3.10].each { |name| library(name) }
    load(ruby_version: "3.10.0")
    expect(loaded).to eq(["3.10"])
  end

  it "loads the built one where none was precompiled for the running Ruby" do
    %w[3.3 built].each { |name| library(name) }
    load
    expect(loaded).to eq(["built"])
  end

  it "loads the built one where the precompiled one is for another system" do
    library("3.4", "of another system")
    library("built")
    load
    expect(loaded).to eq(["built"])
  end

  it "finds the built one on the load path" do
    FileUtils.mkdir_p("#{@folder}/extensions")
    File.write("#{@folder}/extensions/library_on_the_load_path.rb", "LOADED_LIBRARIES << :extension")
    $LOAD_PATH.unshift("#{@folder}/extensions")
    load(built: "library_on_the_load_path")
    expect(loaded).to eq([:extension])
  ensure
    $LOAD_PATH.delete("#{@folder}/extensions")
  end

  it "says what was looked for, why each was refused, what was found, and what to do" do
    library("3.1", "for Ruby 3.1")
    library("3.4", "of another system")

    expect { load }.to raise_error(LoadError) { |error|
      expect(error.message)
        .to start_with("The native library of aws-sessionstore-dynamodb #{Aws::SessionStore::DynamoDB::VERSION} ")
        .and include("Ruby #{RUBY_VERSION} (#{RUBY_PLATFORM})")
        .and match(%r{^Looked for:\n  #{@folder}/3\.4/aws_sessionstore_dynamodb: .+\n  #{built}: .+\nFound:$}m)
        .and match(%r{^Found:\n  #{@folder}/3\.1/\w+\.#{ending}\n  #{@folder}/3\.4/\w+\.#{ending}\n})
        .and include("gem install aws-sessionstore-dynamodb --platform ruby", "force_ruby_platform: true")
        .and include("rake compile")
    }
  end

  it "says that nothing was found" do
    expect { load }.to raise_error(LoadError, /^Found:\n  no library\n/)
  end
end
