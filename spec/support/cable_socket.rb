# frozen_string_literal: true

require "json"
require "socket"
require "timeout"
require "uri"
require "websocket/driver"

# A browser's end of an Action Cable connection: a WebSocket over a real socket.
#
#   CableSocket.open("ws://127.0.0.1:9292/cable", cookies: { "_room_session" => "…" }) do |socket|
#     socket.receive # => {"type" => "welcome"}
#   end
class CableSocket
  SECONDS = 10
  private_constant :SECONDS

  # What the driver asks for.
  attr_reader :url

  def self.open(...)
    socket = new(...)
    yield socket
  ensure
    socket&.close
  end

  # @param url [String]
  # @param cookies [Hash] name => value
  def initialize(url, cookies: {})
    @url = url
    @received = []
    uri = URI(url)
    @io = TCPSocket.new(uri.host, uri.port)
    @driver = WebSocket::Driver.client(self, protocols: ["actioncable-v1-json"])
    @driver.set_header("Cookie", cookies.map { |name, value| "#{name}=#{value}" }.join("; "))
    @driver.set_header("Origin", "http://#{uri.host}:#{uri.port}")
    @driver.on(:message) { |event| @received << JSON.parse(event.data) }
    @driver.start
  end

  # @return [Hash, nil] the next message but for the server's heartbeats; nil where the server has closed
  # @raise [Timeout::Error]
  def receive
    Timeout.timeout(SECONDS) do
      loop do
        message = @received.shift
        return message if message && message["type"] != "ping"
        next if message

        @driver.parse(@io.readpartial(4096))
      end
    end
  rescue EOFError, Errno::ECONNRESET
    nil
  end

  # @param command [String] "subscribe" or "message"
  # @param channel [String]
  # @param data [Hash, nil]
  def send_command(command, channel, data = nil)
    identifier = JSON.generate("channel" => channel)
    @driver.text(JSON.generate({ command:, identifier:, data: data && JSON.generate(data) }.compact))
  end

  # Called by the driver.
  def write(bytes)
    @io.write(bytes)
  end

  def close
    @io.close
  end
end
