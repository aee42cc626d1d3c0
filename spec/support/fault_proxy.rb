# frozen_string_literal: true

require "json"
require "net/http"
require "socket"

# An HTTP proxy between the session store and a DynamoDB. It notes every request by its operation, and lets the network
# and DynamoDB fail as it is told:
#
#   proxy = FaultProxy.new(DynamoDBLocal.endpoint).start
#   store = RackMiddleware.new(app, endpoint: proxy.url, …)
#
#   proxy.lose_answer("UpdateItem")                    # the next one is carried out, but its answer is lost
#   proxy.refuse("GetItem", "ThrottlingException", times: 3)
#   proxy.delay("DeleteItem", seconds: 0.1, skip: 2)   # not the next two: the third
#   proxy.before("UpdateItem") { other_request }       # exactly between this request's load and its save
#
#   proxy.calls # => ["GetItem", "UpdateItem"]
#   proxy.reset # no calls, no faults
#   proxy.stop
#
# An operation is DynamoDB's name for it, or nil for any. A fault is for `times` requests (Float::INFINITY: until
# {#reset}) after the next `skip` ones. Of several faults for the same request the one that was asked for first is used.
#
# Any number of connections and threads may use it at the same time, and any thread may change its faults.
class FaultProxy
  # A request as it came in.
  #
  # @!attribute operation [String] such as "GetItem"
  # @!attribute headers [Hash{String => String}] names in lower case
  # @!attribute body [String] DynamoDB's JSON
  Request = Struct.new(:path, :headers, :body) do
    # @param io [IO]
    # @return [Request, nil] nil at the end of the connection
    def self.read(io)
      _, path, = io.gets("\r\n", chomp: true)&.split
      return unless path

      headers = {}
      while (line = io.gets("\r\n", chomp: true)) && !line.empty?
        name, value = line.split(/: */, 2)
        headers[name.downcase] = value
      end
      new(path, headers, io.read(headers["content-length"].to_i))
    end

    def operation
      headers["x-amz-target"].to_s.split(".").last
    end

    # @return [Hash] the body
    def document
      JSON.parse(body)
    end
  end

  # One request on its way, as the block of a fault sees it. What the block returns says whether the connection is kept.
  class Exchange
    attr_reader :request

    def initialize(request, client, upstream)
      @request = request
      @client = client
      @upstream = upstream
    end

    # Lets DynamoDB answer.
    #
    # @return [String] the answer, as it goes over the wire
    def forward
      response = @upstream.call.post(request.path, request.body, request.headers.merge("accept-encoding" => "identity"))
      headers = response.each_header.to_h.except("connection", "content-length", "transfer-encoding")
      wire(response.code.to_i, headers, response.body.to_s)
    end

    # @param answer [String]
    # @return [true] the connection is kept
    def reply(answer)
      @client.write(answer)
      true
    end

    def relay
      reply(forward)
    end

    # Answers with one of DynamoDB's error documents.
    def refuse(code, status, message)
      document = JSON.generate("__type" => "com.amazonaws.dynamodb.v20120810##{code}", "message" => message)
      reply(wire(status, { "content-type" => "application/x-amz-json-1.0" }, document))
    end

    # Waits until the client gives up.
    def hang
      @client.wait_readable
      false
    end

    private

    def wire(status, headers, body)
      lines = ["HTTP/1.1 #{status} #{status == 200 ? "OK" : "Error"}", "content-length: #{body.bytesize}"]
      lines += headers.map { |name, value| "#{name}: #{value}" }
      "#{lines.join("\r\n")}\r\n\r\n".b << body.b
    end
  end

  Fault = Struct.new(:operation, :times, :skip, :action) do
    # @return [Boolean] whether it is for this request, which then counts
    def take(request)
      return false unless times.positive? && [nil, request.operation].include?(operation)
      return (self.skip -= 1) && false if skip.positive?

      self.times -= 1
      true
    end
  end
  private_constant :Fault

  # @param target [String] the URL of a DynamoDB
  def initialize(target)
    @target = URI(target)
    @mutex = Mutex.new
    @threads = []
    reset
  end

  # @return [FaultProxy] itself
  def start
    @server = TCPServer.new("127.0.0.1", 0)
    @acceptor = Thread.new { accept }
    self
  end

  # @return [String] for the option `endpoint`
  def url
    "http://127.0.0.1:#{@server.addr[1]}"
  end

  # Ends all connections.
  def stop
    [@acceptor, *@mutex.synchronize { @threads.dup }].each { |thread| thread.kill.join }
    @server.close
  end

  # Forgets the requests that came in, and the faults that are left.
  def reset
    @mutex.synchronize do
      @requests = []
      @faults = []
    end
  end

  # @return [Array<Request>] all that came in, in their order, those that were made to fail too
  def requests
    @mutex.synchronize { @requests.dup }
  end

  # @return [Array<String>] their operations
  def calls
    requests.map(&:operation)
  end

  # Waits before the request goes on to DynamoDB; it does even if the client has given up by then.
  def delay(operation, seconds:, **count)
    before(operation, **count) { sleep(seconds) }
  end

  # Runs the block before the request goes on to DynamoDB.
  #
  # @yieldparam request [Request]
  def before(operation, **count)
    fault(operation, **count) do |exchange|
      yield exchange.request
      exchange.relay
    end
  end

  # Closes the connection; the request never gets to DynamoDB.
  def drop(operation, **count)
    fault(operation, **count) { false }
  end

  # Closes the connection in the middle of the answer.
  def cut(operation, **count)
    fault(operation, **count) do |exchange|
      answer = exchange.forward
      exchange.reply(answer.byteslice(0, answer.bytesize - 1))
      false
    end
  end

  # The request is carried out, but its sender hears nothing of it: the connection is closed.
  def lose_answer(operation, **count)
    fault(operation, **count) do |exchange|
      exchange.forward
      false
    end
  end

  # Sends the answer twice on the same connection.
  def answer_twice(operation, **count)
    fault(operation, **count) { |exchange| exchange.reply(exchange.forward * 2) }
  end

  # Answers with an error of DynamoDB; the request never gets there.
  #
  # @param code [String] such as "ThrottlingException" (status 400) or "InternalServerError" (status 500)
  def refuse(operation, code, status: 400, message: "refused by the specs", **count)
    fault(operation, **count) { |exchange| exchange.refuse(code, status, message) }
  end

  # Never answers; the request does not get to DynamoDB.
  def hang(operation, **count)
    fault(operation, **count, &:hang)
  end

  # What all of the above are made from.
  #
  # @yieldparam exchange [Exchange]
  # @yieldreturn [Boolean] whether the connection is kept
  def fault(operation, times: 1, skip: 0, &action)
    @mutex.synchronize { @faults << Fault.new(operation, times, skip, action) }
  end

  private

  def accept
    loop do
      client = @server.accept
      client.setsockopt(Socket::IPPROTO_TCP, Socket::TCP_NODELAY, 1)
      @mutex.synchronize { @threads << Thread.new { serve(client) } }
    end
  end

  def serve(client)
    connection = nil
    upstream = -> { connection ||= Net::HTTP.start(@target.host, @target.port) }
    while (request = Request.read(client))
      exchange = Exchange.new(request, client, upstream)
      break unless pass(request).call(exchange)
    end
  rescue SystemCallError, IOError
    # The client gave up, as it may.
  ensure
    connection&.finish
    client.close
    @mutex.synchronize { @threads.delete(Thread.current) }
  end

  def pass(request)
    @mutex.synchronize do
      @requests << request
      @faults.find { |fault| fault.take(request) }&.action || :relay.to_proc
    end
  end
end
