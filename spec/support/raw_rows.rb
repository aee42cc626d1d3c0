# frozen_string_literal: true

require "fileutils"
require "json"
require "net/http"
require "open3"
require "tmpdir"

# Rows as any version of any gem wrote them: put into a table, and read from it, by DynamoDB's own JSON, past all of
# this gem's code.
class RawRows
  ROOT = File.expand_path("../..", __dir__)

  # The most that BatchWriteItem takes.
  BATCH = 25

  # For DynamoDB Local, which asks for a signature and does not check it.
  SIGNATURE = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, " \
              "Signature=0"
  private_constant :ROOT, :BATCH, :SIGNATURE

  # @return [Hash] options of Configuration for the table
  attr_reader :options

  # @param options [Hash] of Configuration: an engine's
  def initialize(options)
    @options = options
    # A database in memory is this process's own: for another process to write to, it has to be in a file.
    return unless @options[:endpoint] == "embedded"

    folder = Dir.mktmpdir
    at_exit { FileUtils.remove_entry(folder) }
    @options = @options.merge(endpoint: "embedded:#{folder}/sessions.sqlite3")
  end

  # @param items [Array<Hash>] in DynamoDB's JSON, such as { "session_id" => { "S" => "1" } }
  def put(items)
    requests = items.each_slice(BATCH).map do |slice|
      puts = slice.map { |item| { "PutRequest" => { "Item" => item } } }
      { "RequestItems" => { options[:table_name] => puts } }
    end
    unprocessed = send_all("BatchWriteItem", requests).filter_map { |answer| answer["UnprocessedItems"] }
    raise "not written: #{unprocessed}" unless unprocessed.all?(&:empty?)
  end

  # @return [Array<String>] the keys of all rows that are in the table
  def ids
    found = []
    start = {}
    while start
      request = { "TableName" => options[:table_name], "ProjectionExpression" => "session_id", **start }
      answer = send_all("Scan", [request]).first
      found.concat(answer["Items"].map { |item| item["session_id"]["S"] })
      start = answer["LastEvaluatedKey"]&.then { |key| { "ExclusiveStartKey" => key } }
    end
    found
  end

  private

  def send_all(operation, requests)
    bodies = requests.map { |request| JSON.generate(request) }
    answers = options[:endpoint].start_with?("embedded:") ? embedded(operation, bodies) : local(operation, bodies)
    answers.map { |answer| JSON.parse(answer) }
  end

  def embedded(operation, bodies)
    command = ["cargo", "run", "--quiet", "--package", "session_store_core", "--example", "embedded_requests", "--",
               options[:endpoint]]
    output, errors, status = Open3.capture3(*command, chdir: ROOT,
                                                      stdin_data: bodies.map { |body| "#{operation} #{body}\n" }.join)
    raise "#{errors}#{output.lines.last}" unless status.success?

    output.lines
  end

  def local(operation, bodies)
    url = URI(options[:endpoint])
    headers = { "Content-Type" => "application/x-amz-json-1.0", "X-Amz-Target" => "DynamoDB_20120810.#{operation}",
                "Authorization" => SIGNATURE, "X-Amz-Date" => "20260101T000000Z" }
    Net::HTTP.start(url.host, url.port) do |http|
      bodies.map do |body|
        response = http.post("/", body, headers)
        response.is_a?(Net::HTTPOK) ? response.body : raise("#{operation}: #{response.body}")
      end
    end
  end
end
