# frozen_string_literal: true

require "async"
require "rack"
require "socket"
require "stringio"

# A Rack server of one thread, each of whose requests is a fiber of its own under the scheduler of the gem async, as in
# Falcon, which Debian has not. Just enough of HTTP for the specs:
#
#   PORT=9292 ruby spec/support/async_server.rb examples/rails/config.ru
class AsyncServer
  # @param app [#call]
  # @param port [Integer]
  def initialize(app, port)
    @app = app
    @port = port
  end

  def run
    server = TCPServer.new("127.0.0.1", @port)
    Async do |task|
      loop { task.async(server.accept) { |_, socket| answer(socket) } }
    end
  end

  private

  def answer(socket)
    env = request(socket)
    respond(socket, *@app.call(env)) if env
  ensure
    socket.close
  end

  def request(socket)
    return unless (line = socket.gets("\r\n"))

    verb, target, = line.split
    path, query = target.split("?", 2)
    fields = headers(socket)
    {
      "REQUEST_METHOD" => verb, "SCRIPT_NAME" => "", "PATH_INFO" => path, "QUERY_STRING" => query.to_s,
      "SERVER_NAME" => "127.0.0.1", "SERVER_PORT" => @port.to_s, "SERVER_PROTOCOL" => "HTTP/1.1",
      "REMOTE_ADDR" => "127.0.0.1", "rack.url_scheme" => "http", "rack.errors" => $stderr,
      "rack.input" => StringIO.new(socket.read(fields["CONTENT_LENGTH"].to_i).b),
      **fields.slice("CONTENT_LENGTH", "CONTENT_TYPE"), **fields.transform_keys { |name| "HTTP_#{name}" }
    }
  end

  def headers(socket)
    fields = {}
    while (line = socket.gets("\r\n", chomp: true)) && !line.empty?
      name, value = line.split(":", 2)
      fields[name.upcase.tr("-", "_")] = value.strip
    end
    fields
  end

  def respond(socket, status, headers, body)
    # Several values of a header are lines of it in Rack 2, and an Array in Rack 3.
    lines = headers.flat_map do |name, values|
      Array(values).flat_map { |value| value.split("\n") }.map { |value| "#{name}: #{value}\r\n" }
    end
    socket.write("HTTP/1.1 #{status} Answer\r\n#{lines.join}connection: close\r\n\r\n")
    body.each { |part| socket.write(part) }
  ensure
    body.close if body.respond_to?(:close)
  end
end

# Rack 3 has the application alone, Rack 2 options besides.
AsyncServer.new(Array(Rack::Builder.parse_file(ARGV.fetch(0))).first, Integer(ENV.fetch("PORT"))).run
