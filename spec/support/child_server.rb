# frozen_string_literal: true

require "fileutils"
require "net/http"

# A server in a process of its own: started, waited for until it answers, and stopped.
class ChildServer
  STOP_SECONDS = 20
  private_constant :STOP_SECONDS

  attr_reader :pid

  # @param command [Array<String>]
  # @param url [String] answers, whatever the status, as soon as the server is ready
  # @param log [String] the file that takes what the server prints; the server's directory is its directory
  # @param env [Hash] added to this process's environment
  # @param seconds [Numeric] how long it may take to start
  def initialize(*command, url:, log:, env: {}, seconds: 60)
    @command = command
    @url = URI(url)
    @log = log
    @env = env
    @seconds = seconds
  end

  def start
    FileUtils.mkdir_p(File.dirname(@log))
    @pid = Process.spawn(@env, *@command, chdir: File.dirname(@log), out: [@log, "a"], err: %i[child out])
    wait_until_it_answers
    self
  end

  # Raises where the server does not end; it is killed then.
  #
  # @param signal [String]
  # @return [Process::Status]
  def stop(signal = "TERM")
    return unless @pid

    Process.kill(signal, @pid)
    status = ended || killed(signal)
    @pid = nil
    status
  end

  private

  def wait_until_it_answers
    deadline = now + @seconds
    until answers?
      failed("ended") if Process.wait(@pid, Process::WNOHANG)
      stop("KILL") && failed("did not answer at #{@url} within #{@seconds} s") if now > deadline
      sleep 0.05
    end
  end

  def killed(signal)
    Process.kill("KILL", @pid)
    _, status = Process.wait2(@pid)
    @pid = nil
    failed("did not end at #{signal}") unless puma_that_may_not_end?
    warn "#{@command.join(" ")} did not end at #{signal}: it was killed."
    status
  end

  # Under load Puma 8 on Ruby 3.3 now and then waits for ever to close the pipe to which its signal handler is writing,
  # whatever it serves.
  def puma_that_may_not_end?
    RUBY_VERSION.start_with?("3.3.") && Gem::Specification.find_all_by_name("puma", ">= 8").any? &&
      @command.join(" ").include?("puma")
  end

  # @return [Process::Status, nil]
  def ended
    deadline = now + STOP_SECONDS
    until (found = Process.wait2(@pid, Process::WNOHANG))
      return if now > deadline

      sleep 0.02
    end
    found.last
  end

  def answers?
    Net::HTTP.start(@url.host, @url.port, open_timeout: 1, read_timeout: 5) { |http| http.get(@url.path) }
  rescue SystemCallError, Timeout::Error, EOFError
    false
  end

  def failed(what)
    raise "#{@command.join(" ")} #{what}. It printed:\n#{File.read(@log)}"
  end

  def now
    Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end
end
