# frozen_string_literal: true

require "socket"

# A port of this machine on which nobody listens.
module FreePort
  def self.find
    TCPServer.open("127.0.0.1", 0) { |server| server.addr[1] }
  end
end
