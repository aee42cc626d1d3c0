# frozen_string_literal: true

require "json"
require "net/http"

begin
  require "aws-sigv4"
rescue LoadError
  # It is a peer: the benchmarks run without it, too.
  warn "without the gem aws-sigv4 (Debian: ruby-aws-sigv4) there is no client in Ruby to compare with"
end

module Benchmark
  # The least client in Ruby: requests signed by Amazon's own gem, over one connection that stays open. No retries, no
  # timeouts of its own, no parameters that are checked.
  class RubyClient
    # @return [Boolean]
    def self.available?
      !defined?(Aws::Sigv4::Signer).nil?
    end

    # @param url [String]
    def initialize(url)
      @url = url
      uri = URI(url)
      @http = Net::HTTP.start(uri.host, uri.port)
      @http.keep_alive_timeout = 3600
      @signer = Aws::Sigv4::Signer.new(service: "dynamodb", region: "us-east-1", access_key_id: "test",
                                       secret_access_key: "test")
    end

    # @param operation [String] as DynamoDB names it
    # @param request [Hash] in DynamoDB's JSON
    # @return [Hash]
    # @raise [RuntimeError] for an answer that is an error
    def call(operation, request)
      body = JSON.generate(request)
      headers = { "content-type" => "application/x-amz-json-1.0", "x-amz-target" => "DynamoDB_20120810.#{operation}" }
      signature = @signer.sign_request(http_method: "POST", url: @url, headers:, body:)
      response = @http.post("/", body, headers.merge(signature.headers))
      raise "#{operation}: #{response.body}" unless response.is_a?(Net::HTTPOK)

      JSON.parse(response.body)
    end

    # @return [Hash] the row
    def get(table, key)
      call("GetItem", "TableName" => table, "Key" => { "session_id" => { "S" => key } }, "ConsistentRead" => true)
        .fetch("Item")
    end

    # GetItem, and UpdateItem of the data on the condition that it is unchanged: the calls of a request that loads and
    # saves its session.
    def get_and_update(table, key, number)
      data = get(table, key).fetch("data")
      now = { "N" => "1700000000.123456" }
      call("UpdateItem",
           "TableName" => table, "Key" => { "session_id" => { "S" => key } },
           "UpdateExpression" => "SET #0 = :0, #1 = :1, #2 = :2",
           "ConditionExpression" => "attribute_exists(#3) AND #0 = :3",
           "ExpressionAttributeNames" => { "#0" => "data", "#1" => "updated_at", "#2" => "created_at",
                                           "#3" => "session_id" },
           "ExpressionAttributeValues" => { ":0" => { "S" => changed(data["S"], number) }, ":1" => now, ":2" => now,
                                            ":3" => data })
    end

    private

    # Another text of the same length.
    def changed(text, number)
      number = number.to_s
      "#{number}#{text[number.length..]}"
    end
  end
end
