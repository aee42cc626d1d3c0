# frozen_string_literal: true

require "open3"
require "support/free_port"
require "support/http_client"
require "timeout"

RSpec.describe "bin/demo" do
  let(:command) { File.expand_path("../../bin/demo", __dir__) }
  let(:port) { FreePort.find }

  def printed_until(text, output)
    lines = []
    Timeout.timeout(300) { output.each_line.find { |line| (lines << line) && line.include?(text) } }
    lines.join
  end

  # Whether there was anybody to take it.
  def signal(name, pid)
    Process.kill(name, pid)
  rescue Errno::ESRCH
    false
  end

  it "prints its address when it is ready to answer, and ends, workers and all, at Ctrl-C" do
    # A process group of its own, which a terminal's Ctrl-C reaches as a whole.
    Open3.popen2e(command, "--port", port.to_s, pgroup: true) do |_, output, demo|
      expect(printed_until("The demo is ready", output)).to include("ready: http://127.0.0.1:#{port}")
      visitor = HttpClient.new("http://127.0.0.1:#{port}")
      expect(visitor.get("/").text("h1")).to eq("Your session, in DynamoDB")

      Process.kill("INT", -demo.pid)
      expect(Timeout.timeout(20) { demo.value }).to be_success
      Timeout.timeout(10) { sleep 0.05 while signal(0, -demo.pid) }
    ensure
      signal("KILL", -demo.pid)
    end
  end

  it "says which port is in use" do
    TCPServer.open("127.0.0.1", port) do
      output, status = Open3.capture2e(command, "--port", port.to_s)
      expect(output).to include("port #{port} is in use")
      expect(status).not_to be_success
    end
  end

  it "says what a port is" do
    ["x", "0", "65536", "80a", ""].each do |value|
      output, status = Open3.capture2e(command, "--port", value)
      expect(output).to include("--port needs a number from 1 to 65535, not \"#{value}\"")
      expect(status).not_to be_success
    end
  end

  it "explains itself" do
    output, status = Open3.capture2e(command, "--help")
    expect(output).to include("bin/demo [--port N]", "9292")
    expect(status).to be_success
  end
end
