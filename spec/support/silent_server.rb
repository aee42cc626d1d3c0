# frozen_string_literal: true

require "socket"

# A server on this machine that takes requests, and answers only when it is told how.
class SilentServer
  # Yields the address of a server, and stops it.
  #
  # @yieldparam url [String]
  def self.open(&)
    new.open(&)
  end

  # @return [Integer] how many connections were made
  attr_reader :connections

  # @param hang_up [Boolean] whether it closes a connection, unannounced, some time after each answer
  # @yieldparam body [String] of a request
  # @yieldreturn [String] the body of the answer
  def initialize(hang_up: false, &answer)
    @answer = answer
    @hang_up = hang_up
    @connections = 0
  end

  # @yieldparam url [String]
  def open
    server = TCPServer.new("127.0.0.1", 0)
    thread = Thread.new { loop { serve(server.accept) } }
    thread.report_on_exception = false
    yield "http://127.0.0.1:#{server.addr[1]}"
  ensure
    thread&.kill&.join
    server.close
  end

  private

  # Until the client hangs up: the specs count what is left open.
  def serve(connection)
    @connections += 1
    Thread.new do
      while (body = read(connection))
        answer = @answer&.call(body)
        next unless answer

        connection.write("HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\n" \
                         "content-length: #{answer.bytesize}\r\n\r\n#{answer}")
        next unless @hang_up

        sleep 0.02
        break
      end
    rescue IOError, SystemCallError
      nil
    ensure
      connection.close
    end
  end

  def read(connection)
    length = 0
    while (line = connection.gets) && line != "\r\n"
      length = line.split(":").last.to_i if line.downcase.start_with?("content-length")
    end
    connection.read(length) if line
  end
end
