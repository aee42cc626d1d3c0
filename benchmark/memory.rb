# frozen_string_literal: true

# Resident memory over many calls, as a slope. Fails where a call costs memory that does not come back.
#
#   ruby -Ilib benchmark/memory.rb [CALLS] [ENDPOINT]
#
# 100,000 calls by default, to the embedded engine; 20,000 show in a fifth of the time whether a call keeps its row.
# Fewer only show that it runs.

require "aws-sessionstore-dynamodb"
require "rack"
require "rack/mock"

# Bytes a call: less than the smallest of what a call makes and could forget, the row's key.
LIMIT = 50
SAMPLES = 50
# They fill the caches and pools that stay.
WARM_UP = 10_000
# Calls: with fewer the slope is that of a few pages of memory.
JUDGED = 20_000
CALLS_OF_A_REQUEST = 2

calls = Integer(ARGV.fetch(0, "100000"))
options = { endpoint: ARGV.fetch(1, "embedded"), region: "us-east-1", access_key_id: "test", secret_access_key: "test",
            table_name: "memory-#{Process.pid}", secret_key: "secret" }

def resident_bytes
  GC.start
  `ps -o rss= -p #{Process.pid}`.to_i * 1024
end

# The slope of the line that fits the points best, by least squares.
def slope(points)
  mean_x, mean_y = points.transpose.map { |values| values.sum.fdiv(values.size) }
  points.sum { |x, y| (x - mean_x) * (y - mean_y) } / points.sum { |x, _| (x - mean_x)**2 }
end

Aws::SessionStore::DynamoDB::Table.create_table(options)
application = lambda do |env|
  session = env["rack.session"]
  session["text"] = "x" * 1000
  session["count"] = session["count"].to_i + 1
  [200, {}, []]
end
store = Aws::SessionStore::DynamoDB::RackMiddleware.new(application, options)
cookie = Rack::MockRequest.new(store).get("/").headers.to_h.transform_keys(&:downcase)["set-cookie"]
cookie = Array(cookie).first[/[^;]*/]

visit = ->(_) { store.call(Rack::MockRequest.env_for("/", "HTTP_COOKIE" => cookie)) }
([WARM_UP, calls].min / CALLS_OF_A_REQUEST).times(&visit)

points = Array.new(SAMPLES) do |sample|
  (calls / CALLS_OF_A_REQUEST / SAMPLES).times(&visit)
  [sample * calls / SAMPLES, resident_bytes]
end
Aws::SessionStore::DynamoDB::Table.delete_table(options)

bytes = slope(points)
puts format("%<calls>d calls: %<first>.1f MB at first, %<last>.1f MB in the end, %<bytes>.1f bytes a call",
            calls:, first: points.first.last / 1e6, last: points.last.last / 1e6, bytes:)
abort "That is more than #{LIMIT} bytes a call: something is kept." if bytes > LIMIT && calls >= JUDGED
