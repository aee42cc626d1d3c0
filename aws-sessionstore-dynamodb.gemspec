# frozen_string_literal: true

require_relative "lib/aws/session_store/dynamo_db/version"

Gem::Specification.new do |spec|
  spec.name = "aws-sessionstore-dynamodb"
  spec.version = Aws::SessionStore::DynamoDB::VERSION
  spec.summary = "Sessions for Rack and Rails in Amazon DynamoDB."
  spec.description = "Keeps the sessions of Rack and Rails applications in an Amazon DynamoDB table. " \
                     "The work is done by a core written in Rust on the AWS SDK."
  spec.authors = ["The aws-sessionstore-dynamodb developers"]
  spec.license = "Apache-2.0"
  spec.required_ruby_version = ">= 3.1"
  spec.metadata = { "cargo_crate_name" => "aws_sessionstore_dynamodb", "rubygems_mfa_required" => "true" }

  # What runs, what builds it, and what .yardopts names. The crates' tests and examples, which Cargo would find by their
  # folders, stay out, and so does whatever was compiled here.
  spec.files = Dir.chdir(__dir__) do
    Dir["lib/**/*.{rb,rake,tt}", "sig/**/*.rbs", "ext/*/{extconf.rb,Cargo.toml,src/**/*.rs}", "Cargo.{toml,lock}",
        "VERSION", "LICENSE", "*.md", "docs/*.md", ".yardopts"].sort
  end
  spec.extensions = ["ext/aws_sessionstore_dynamodb/extconf.rb"]

  spec.add_dependency "rack", ">= 2.2", "< 4"
  # Where Rack::Session lives since Rack 3; its 1.x is the same for Rack 2.
  spec.add_dependency "rack-session", ">= 1.0.1", "< 3"
  # Builds the extension.
  spec.add_dependency "rb_sys", "~> 0.9"
end
