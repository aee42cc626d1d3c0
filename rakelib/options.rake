# frozen_string_literal: true

# Only the README holds a copy: the generators make their YAML files from Options when they run.
desc "Write the table of options into README.md"
task :options do
  require_relative "../lib/aws/session_store/dynamo_db"

  before, rest = File.read("README.md").split(/(?<=^<!-- options: generated, `rake options` writes it -->\n)/, 2)
  after = rest && rest[%r{^<!-- /options -->\n.*}m]
  raise "README.md does not have the two marks between which the table of options goes" unless after

  File.write("README.md", "#{before}\n#{Aws::SessionStore::DynamoDB::Options.to_markdown}\n#{after}")
end
