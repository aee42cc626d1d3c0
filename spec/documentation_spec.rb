# frozen_string_literal: true

require "action_dispatch"
require "aws-sessionstore-dynamodb"
require "action_dispatch/session/dynamo_db_store"
require "open3"
require "support/public_interface"
require "tmpdir"

# What is written for whoever uses the gem: all of it, and nothing that is not there.
RSpec.describe "The documentation of the public interface", :aggregate_failures do
  # What is missing of a method's documentation.
  def missing(documentation)
    return ["any word"] if documentation.nil? || documentation.docstring.blank?

    tags = documentation.tags + documentation.tags(:overload).flat_map(&:tags)
    missing_parameters(documentation, tags) + missing_types(tags) + missing_tags(documentation, tags)
  end

  def missing_parameters(documentation, tags)
    documentation.parameters.filter_map { |name, _| name[/\w+/] } - tags.map(&:name)
  end

  def missing_types(tags)
    typed = tags.select { |tag| %w[param return raise].include?(tag.tag_name) }
    typed.select { |tag| tag.types.to_a.empty? }.map { |tag| "the type of a @#{tag.tag_name}" }
  end

  # An example may stand at what the method is in.
  def missing_tags(documentation, tags)
    found = tags.map(&:tag_name)
    found << "return" if documentation.name == :initialize
    found << "example" if PublicInterface.containers(documentation).any? { |each| each.has_tag?(:example) }
    %w[return example] - found
  end

  it "has a word on every constant, module and class" do
    documentation = PublicInterface.constants.keys.to_h { |path| [path, PublicInterface.documentation(path)] }
    expect(documentation.select { |_, found| found.nil? || found.docstring.blank? }.keys).to eq([])
  end

  it "has types, parameters, what is returned, and an example of every method" do
    found = PublicInterface.methods.keys.to_h { |path| [path, missing(PublicInterface.documentation(path))] }
    expect(found.reject { |_, missing| missing.empty? }).to eq({})
  end

  it "has the options as they are" do
    source = File.read("#{PublicInterface::ROOT}/lib/aws/session_store/dynamo_db/configuration.rb")
    comments = source[%r{^    # options: generated.*?\n\n(.*?)\n    # /options$}m, 1]
    expect(comments).to eq(Aws::SessionStore::DynamoDB::Options.to_yard), "run `rake options`"
  end

  it "names files that are there to whoever changes the gem" do
    text = %w[CONTRIBUTING.md docs/architecture.md].map { |path| File.read("#{PublicInterface::ROOT}/#{path}") }.join
    paths = text.scan(%r{(?<![\w/])(?:bin|spec|lib|ext|benchmark|examples|rakelib|sig)/[\w./-]*\w}).uniq
    expect(paths.size).to be > 20
    expect(paths.reject { |path| File.exist?("#{PublicInterface::ROOT}/#{path}") }).to eq([])
  end

  it "can be made by YARD, which knows every name that it is told, and finds no other name undocumented" do
    Dir.mktmpdir do |folder|
      output, status = Open3.capture2e("yard", "doc", "--fail-on-warning", "--output-dir", "#{folder}/doc",
                                       "--db", "#{folder}/db", chdir: PublicInterface::ROOT)
      expect(status).to be_success, output
      expect(output).to include(" 100.00% documented")
    end
  end
end
