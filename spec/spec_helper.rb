# frozen_string_literal: true

# Only the Ruby files: what needs the native extension requires "aws-sessionstore-dynamodb" itself.
require "aws/session_store/dynamo_db"

RSpec.configure do |config|
  config.disable_monkey_patching!
  config.order = :random
  Kernel.srand config.seed

  config.expect_with(:rspec) { |expectations| expectations.include_chain_clauses_in_custom_matcher_descriptions = true }
  config.mock_with(:rspec) { |mocks| mocks.verify_partial_doubles = true }
  config.shared_context_metadata_behavior = :apply_to_host_groups
end
