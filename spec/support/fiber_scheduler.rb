# frozen_string_literal: true

# The least scheduler that can wait for sockets and time, for specs on Rubies without the gem async.
# https://docs.ruby-lang.org/en/3.1/Fiber/SchedulerInterface.html
class FiberScheduler
  def initialize
    @readable = {}
    @writable = {}
    @sleeping = {}
    @ready = []
    @lock = Thread::Mutex.new
    @wake_reader, @wake_writer = IO.pipe
  end

  def run
    until @readable.empty? && @writable.empty? && @sleeping.empty? && @ready.empty?
      resume_ready
      wait_for_events
    end
  end

  def close
    run
  ensure
    @wake_reader.close
    @wake_writer.close
  end

  def fiber(&)
    Fiber.new(blocking: false, &).tap(&:resume)
  end

  def io_wait(io, events, timeout)
    fiber = Fiber.current
    @readable[fiber] = io unless (events & IO::READABLE).zero?
    @writable[fiber] = io unless (events & IO::WRITABLE).zero?
    @sleeping[fiber] = now + timeout if timeout
    Fiber.yield
    events
  ensure
    forget(fiber)
  end

  def kernel_sleep(duration = nil)
    block(:sleep, duration)
    true
  end

  def block(_blocker, timeout = nil)
    fiber = Fiber.current
    @sleeping[fiber] = timeout ? now + timeout : Float::INFINITY
    Fiber.yield
  ensure
    forget(fiber)
  end

  def unblock(_blocker, fiber)
    @lock.synchronize { @ready << fiber }
    @wake_writer.write_nonblock(".")
  end

  private

  def now
    Process.clock_gettime(Process::CLOCK_MONOTONIC)
  end

  def forget(fiber)
    [@readable, @writable, @sleeping].each { |waiting| waiting.delete(fiber) }
  end

  def resume_ready
    ready, @ready = @lock.synchronize { [@ready, []] }
    ready.each { |fiber| fiber.resume if fiber.alive? }
  end

  def wait_for_events
    readable, writable = IO.select([@wake_reader, *@readable.values], @writable.values, nil, pause)
    @wake_reader.read_nonblock(64) if readable&.include?(@wake_reader)
    fibers = waiting_for(@readable, readable) + waiting_for(@writable, writable) + due
    fibers.uniq.each { |fiber| fiber.resume if fiber.alive? }
  end

  def pause
    at = @sleeping.values.min
    [at - now, 0].max if at && at != Float::INFINITY
  end

  def due
    @sleeping.select { |_, at| at <= now }.keys
  end

  def waiting_for(waiting, ios)
    waiting.select { |_, io| ios&.include?(io) }.keys
  end
end
