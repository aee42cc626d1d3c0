# frozen_string_literal: true

require "aws-sessionstore-dynamodb"

# Native stores for specs of the runtime, where no middleware is in the way.
module NativeStores
  # @param endpoint [String]
  # @param options [Hash] of Configuration
  # @return [Aws::SessionStore::DynamoDB::Native::Store]
  def native_store(endpoint, **options)
    defaults = { endpoint:, region: "us-east-1", access_key_id: "test", secret_access_key: "test" }
    Aws::SessionStore::DynamoDB::Native.store(Aws::SessionStore::DynamoDB::Configuration.new(defaults.merge(options)))
  end

  # @param table_name [String]
  # @return [Aws::SessionStore::DynamoDB::Native::Store] on a table of its own in the embedded engine
  def embedded_store(table_name = "native-#{rand(1 << 64)}")
    native_store("embedded", table_name:).tap do |store|
      store.request_table(throughput: nil, time_to_live: false, tags: [], kms_key_id: nil,
                          point_in_time_recovery: false, deletion_protection: false)
    end
  end

  # @return [Float] seconds that the block took
  def seconds
    start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    yield
    Process.clock_gettime(Process::CLOCK_MONOTONIC) - start
  end

  # Runs Ruby code in a process of its own, with the gem loaded and these helpers at hand.
  #
  # @param code [String]
  # @return [String] what it printed
  # @raise [RuntimeError] when it fails
  def run_ruby(code)
    prelude = 'require "support/native_stores"; include NativeStores; $stdout.sync = true;'
    command = [RbConfig.ruby, "-I", File.expand_path("../../lib", __dir__), "-I", File.expand_path("..", __dir__)]
    output = IO.popen([*command, "-e", "#{prelude}\n#{code}", { err: %i[child out] }], &:read)
    raise "exited with #{$CHILD_STATUS || $?}: #{output}" unless $?.success? # rubocop:disable Style/SpecialGlobalVars

    output
  end
end

RSpec.configure { |config| config.include NativeStores } if defined?(RSpec)
