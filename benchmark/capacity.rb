# frozen_string_literal: true

# Capacity units of requests on one session of 1 KB, one a second, of which one in ten changes it: as DynamoDB reports
# them (ReturnConsumedCapacity), for this store and for one that writes at every request, beside what the model says.
#
#   ruby -Ilib benchmark/capacity.rb [REQUESTS] [ENDPOINT]
#
# 1,000 requests by default, to the embedded engine; 100 are enough to see that it runs. A second lasts 5 ms here, and
# touch_interval is as much shorter: 0.3 s instead of 60.

require_relative "scale/workload"
require_relative "support/visits"

SECOND = 0.005
TOUCH_INTERVAL = 60
CHANGED = 0.1
SIZE = 1024

requests = Integer(ARGV.fetch(0, "1000"))
options = { endpoint: ARGV.fetch(1, "embedded"), region: "us-east-1", access_key_id: "test", secret_access_key: "test",
            table_name: "capacity-#{Process.pid}", secret_key: "secret" }
# In any order; the same in each run.
changes = Array.new(requests) { |index| index < requests * CHANGED }.shuffle(random: Random.new(1))

def now
  Process.clock_gettime(Process::CLOCK_MONOTONIC)
end

measure = lambda do |touch_interval|
  visits = Benchmark::Visits.new(options.merge(touch_interval:), sizes: [SIZE])
  start = now
  count = 0
  visits.run(changes) { sleep([start + ((count += 1) * SECOND) - now, 0].max) }
end

print_row = ->(name, *units) { puts name.ljust(40) + units.map { |unit| unit.round(1).to_s.rjust(12) }.join }

Aws::SessionStore::DynamoDB::Table.create_table(options)
begin
  workload = Benchmark::Scale::Workload.new(requests: 1, sessions: 1, active: 1, sizes: { SIZE => 1 }, loaded: 1,
                                            changed: CHANGED, touch_interval: TOUCH_INTERVAL)
  puts "#{requests} requests, one a second, #{changes.count(true)} change the session", ""
  puts "#{" " * 40}#{"read units".rjust(12)}#{"write units".rjust(12)}"
  { "this store" => [SECOND * TOUCH_INTERVAL, workload],
    "a write at every request" => [0, workload.written_always] }.each do |name, (touch_interval, model)|
    measured = measure.call(touch_interval)
    print_row.call("#{name}, measured", measured.reads, measured.writes)
    print_row.call("#{name}, by the model", model.reads * requests, model.writes * requests)
  end
ensure
  Aws::SessionStore::DynamoDB::Table.delete_table(options)
end
