# frozen_string_literal: true

# The generators make their YAML files from Options when they run; what else shows the table is a copy of it.
desc "Write the table of options into README.md and the comments of Configuration"
task :options do
  require_relative "../lib/aws/session_store/dynamo_db"

  options = Aws::SessionStore::DynamoDB::Options
  {
    "README.md" => ["<!-- options: generated, `rake options` writes it -->\n\n", options.to_markdown,
                    "\n<!-- /options -->\n"],
    "lib/aws/session_store/dynamo_db/configuration.rb" =>
      ["    # options: generated, `rake options` writes it\n\n", options.to_yard, "\n    # /options\n"]
  }.each do |path, (first, table, last)|
    before, rest = File.read(path).split(first, 2)
    _, after = rest&.split(last, 2)
    raise "#{path} does not have the two marks between which the table of options goes" unless after

    File.write(path, [before, first, table, last, after].join)
  end
end
