# frozen_string_literal: true

require "aws-sessionstore-dynamodb"
require "support/raw_rows"
require "support/ruby_dynamodb_client"
require "support/sessions"
require "timeout"

# The pessimistic lock, between real processes and between threads: the embedded engine in a file, DynamoDB Local, and a
# `dynamo_db_client`.
RSpec.describe "enable_locking", :aggregate_failures do
  # What a process of its own runs first.
  let(:prelude) do
    <<~RUBY
      require "json"
      require "support/visitor"
      $stdout.sync = true
      options = JSON.parse(ENV.fetch("OPTIONS"), symbolize_names: true)
      STORE = Aws::SessionStore::DynamoDB::RackMiddleware.new(Visitor::APPLICATION, options)
      def visitor
        @visitor ||= Visitor.new(STORE, cookie: ENV.fetch("COOKIE"))
      end
    RUBY
  end

  # Seconds that a machine may be slow by, on top of what the lock's settings say.
  slack = 5

  let(:recorder) { ErrorRecorder.new }

  # Those of the engine.
  let(:options) { raw.options.merge(secret_key: "the secret key of the specs", enable_locking: true) }

  # Patient: what is not about waiting must not fail for it.
  let(:patience) { { lock_max_wait_time: 120, lock_retry_delay: 10, lock_expiry_time: 20_000 } }

  # Added to the options by the groups for a client of the user's own.
  let(:client) { {} }

  attr_reader :raw

  def store(**more)
    Aws::SessionStore::DynamoDB::RackMiddleware.new(
      Visitor::APPLICATION, { **options, **patience, error_handler: recorder, **client, **more }
    )
  end

  def visitor(cookie: nil, **more)
    Visitor.new(store(**more), cookie:)
  end

  # A visitor with this session.
  def visitor_with(session, **more)
    visitor(**more).tap { |visitor| visitor.visit { |stored| stored.update(session) } }
  end

  def row(visitor)
    Aws::SessionStore::DynamoDB::Table.item(visitor.respond_to?(:cookie) ? visitor.cookie : visitor, options)
  end

  def data(visitor)
    JSON.parse(row(visitor).dig("data", "S"))
  end

  # Rewrites a session's row, past all code of this gem.
  def rewrite(visitor, attributes)
    raw.put([row(visitor).merge(attributes).compact])
  end

  def start(code, visitor, **more)
    env = { "OPTIONS" => JSON.generate({ **options, **patience, raise_errors: true, **more }),
            "COOKIE" => visitor.cookie }
    libraries = %w[lib spec].flat_map { |folder| ["-I", File.expand_path("../#{folder}", __dir__)] }
    IO.popen([env, RbConfig.ruby, *libraries, "-e", "#{prelude}\n#{code}"])
  end

  def seconds
    start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    yield
    Process.clock_gettime(Process::CLOCK_MONOTONIC) - start
  end

  shared_context "with a table of" do |engine|
    before(:context) do
      @raw = RawRows.new(engine.options)
      TestTable.create(@raw.options)
    end

    after(:context) { TestTable.delete(@raw.options) }
  end

  each_engine do |engine|
    include_context "with a table of", engine

    describe "between processes" do
      it "lets 8 processes increment one session 50 times each, and not one increment is lost" do
        visitor = visitor_with({ "count" => 0 })
        code = '50.times { visitor.visit { |session| session["count"] += 1 } }; puts "done"'
        processes = Array.new(8) { start(code, visitor) }
        expect(processes.map { |process| process.read.tap { process.close } }).to all(eq("done\n"))
        expect(data(visitor)).to eq("count" => 400)
        expect(row(visitor).keys).not_to include("locked_at", "lock_token")
      end

      it "costs the others no more than lock_expiry_time and a retry when its holder is killed" do
        settings = { lock_expiry_time: 2000, lock_retry_delay: 200 }
        visitor = visitor_with({ "count" => 0 }, **settings)
        holder = start('visitor.visit { |session| session["count"] += 1000; puts "locked"; sleep }', visitor,
                       **settings)
        holder.gets
        earlier = Thread.new { seconds { visitor.window.visit { |session| session["count"] += 1 } } }
        # It waits, and the holder renews.
        sleep(2.5)
        expect(data(visitor)).to eq("count" => 0)

        Process.kill("KILL", holder.pid)
        later = seconds { visitor.window.visit { |session| session["count"] += 1 } }
        expect(later).to be < 2.0 + 0.2 + slack
        expect(earlier.value - 2.5).to be < 2.0 + 0.2 + slack
        # Neither took a lock that its holder might have renewed.
        expect([later, earlier.value - 2.5].max).to be > 1.0
        expect(data(visitor)).to eq("count" => 2)
        expect(recorder.errors).to be_empty
      ensure
        holder&.close
      end

      it "waits for the whole lock_expiry_time for a holder that was dead before" do
        settings = { lock_expiry_time: 1000, lock_retry_delay: 200 }
        visitor = visitor_with({ "count" => 0 }, **settings)
        holder = start('visitor.visit { |session| session["count"]; puts "locked"; sleep }', visitor, **settings)
        holder.gets
        Process.kill("KILL", holder.pid)
        holder.close
        expect(row(visitor).keys).to include("locked_at", "lock_token")
        expect(seconds { visitor.visit { |session| session["count"] } }).to be_between(1.0, 1.0 + 0.2 + slack)
      end
    end

    describe "a lock that nobody renews" do
      it "is taken when it expires, however long the next retry would be away" do
        visitor = visitor_with({ "a" => 1 }, lock_expiry_time: 500, lock_retry_delay: 60_000)
        rewrite(visitor, "locked_at" => { "N" => Time.now.to_f.to_s }, "lock_token" => { "S" => "of a dead process" })
        expect(seconds { visitor.visit { |session| session["a"] } }).to be_between(0.5, 0.5 + slack)
        expect(recorder.errors).to be_empty
      end
    end

    describe "a lock of an older gem, which has no token" do
      { "2.x to 4.0, as S" => "S", "0.5 to 1.x, as N" => "N" }.each do |versions, type|
        it "is respected until it expires, then taken over by exactly one of those who wait (#{versions})" do
          visitor = visitor_with({ "count" => 0 }, lock_expiry_time: 1000)
          rewrite(visitor, "locked_at" => { type => Time.now.to_f.to_s })
          inside = Mutex.new
          waits = Array.new(4) do
            window = visitor.window
            Thread.new do
              seconds do
                window.visit do |session|
                  session["count"] += 1
                  inside.try_lock || raise("two at once")
                  sleep 0.05
                  inside.unlock
                end
              end
            end
          end.map(&:value)
          expect(waits).to all(be >= 1.0)
          expect(waits.min).to be < 1.0 + slack
          expect(data(visitor)).to eq("count" => 4)
          expect(recorder.errors).to be_empty
        end

        it "is taken at once when its holder died long ago (#{versions})" do
          visitor = visitor_with({ "count" => 1 }, lock_max_wait_time: 0)
          rewrite(visitor, "locked_at" => { type => (Time.now.to_f - 3600).to_s })
          expect(visitor.visit { |session| session["count"] }).to eq(1)
          expect(recorder.errors).to be_empty
        end
      end
    end

    describe "a row that cannot be read" do
      { "data of another serializer" => { "data" => { "S" => "not JSON" } },
        "data that is no text" => { "data" => { "N" => "1" } },
        "a time that is none" => { "created_at" => { "S" => "yesterday" } } }.each do |what, attributes|
        it "does not stay locked: #{what}" do
          visitor = visitor_with({ "a" => 1 })
          old = visitor.cookie
          rewrite(visitor, attributes)
          visitor.visit { |session| session["a"] }
          expect(recorder.errors).to match([an_instance_of(Aws::SessionStore::DynamoDB::Errors::InvalidDataError)])
          expect(row(old)).to include(attributes)
          expect(row(old).keys).not_to include("locked_at", "lock_token")
        end
      end
    end

    describe "a lock that was lost" do
      let(:other) { { "locked_at" => { "N" => Time.now.to_f.to_s }, "lock_token" => { "S" => "another's" } } }

      it "fails the save, and the handler is told" do
        visitor = visitor_with({ "a" => 1 })
        visitor.visit do |session|
          session["a"] = 2
          rewrite(visitor, other.merge("data" => { "S" => '{"a":"theirs"}' }))
        end
        expect(recorder.errors).to match([an_instance_of(Aws::SessionStore::DynamoDB::Errors::LockLostError)])
        expect(data(visitor)).to eq("a" => "theirs")
      end

      it "is not given back: it is another's now" do
        visitor = visitor_with({ "a" => 1 })
        { "saves" => ->(session, _) { session["a"] = 2 },
          "saves nothing" => ->(session, _) { session["a"] },
          "renews" => ->(session, request) { session["a"] && request.session_options[:renew] = true },
          "skips" => ->(session, request) { session["a"] && request.session_options[:skip] = true } }
          .each do |what, application|
          visitor.window.visit do |session, request|
            application.call(session, request)
            rewrite(visitor, other)
          end
          expect(row(visitor)).to include(other), what
          rewrite(visitor, "locked_at" => nil, "lock_token" => nil)
        end
      end

      it "does not bring back what was destroyed meanwhile" do
        visitor = visitor_with({ "a" => 1 })
        visitor.visit do |session|
          session["a"] = 2
          Visitor.new(store(enable_locking: false), cookie: visitor.cookie).visit { |theirs, _| theirs.destroy }
        end
        expect(row(visitor)).to be_nil
        expect(recorder.errors).to be_empty
      end
    end
  end

  # What holds whoever makes the requests.
  shared_examples "a lock for one request" do
    it "is held while the application runs, and then gone from the row" do
      visitor = visitor_with({ "count" => 0 })
      visitor.visit do |session|
        session["count"] += 1
        expect(row(visitor)).to include("locked_at" => { "N" => match(/\A[\d.e]+\z/) },
                                        "lock_token" => { "S" => match(/\A\h{32}\z/) })
      end
      expect(row(visitor)).to include("data" => { "S" => '{"count":1}' })
      expect(row(visitor).keys).not_to include("locked_at", "lock_token")
    end

    too_much = "x" * 410_000
    {
      "an exception in the application" => ->(session, _) { session["a"] && raise("in the application") },
      "an exception that is no StandardError" => ->(session, _) { session["a"] && raise(NotImplementedError) },
      "a throw through the middleware" => ->(session, _) { session["a"] && throw(:halt) },
      "an unchanged session" => ->(session, _) { session["a"] },
      "an emptied session" => ->(session, _) { session.clear },
      "a session whose last key was deleted" => ->(session, _) { session.delete("a") },
      "a renewed session" => ->(session, request) { session["a"] && request.session_options[:renew] = true },
      "a renewed and changed session" => lambda do |session, request|
        session["b"] = 2
        request.session_options[:renew] = true
      end,
      ":skip" => ->(session, request) { (session["a"] = 2) && request.session_options[:skip] = true },
      ":defer" => ->(session, request) { (session["a"] = 2) && request.session_options[:defer] = true },
      ":drop" => ->(session, request) { session["a"] && request.session_options[:drop] = true },
      "a destroyed session" => ->(session, _) { session["a"] && session.destroy },
      "a session that is too large" => ->(session, _) { session["a"] = too_much },
      "a session that the serializer cannot write" => ->(session, _) { session["a"] = Float::NAN },
      "a save that failed in the network" => ->(session, _) { session["a"] = 2 }
    }.each do |what, application|
      it "is gone when the response is out: #{what}" do
        visitor = visitor_with({ "a" => 1 })
        old = visitor.cookie
        failure = what.end_with?("the network")
        if failure
          allow_any_instance_of(Aws::SessionStore::DynamoDB::Native::Store)
            .to receive(:save).and_raise(Aws::SessionStore::DynamoDB::Errors::NetworkError)
        end
        catch(:halt) do
          visitor.visit do |session, request|
            session["a"]
            expect(row(visitor).keys).to include("lock_token")
            application.call(session, request)
          end
        rescue RuntimeError, NotImplementedError => e
          expect([e.message, e.class]).to include("in the application").or include(NotImplementedError)
        end
        [old, visitor.cookie].uniq.each do |cookie|
          expect(row(cookie).to_h.keys).not_to include("locked_at")
          expect(row(cookie).to_h.keys).not_to include("lock_token")
        end
      end
    end

    it "ends a visit that was cut short by a timeout" do
      visitor = visitor_with({ "a" => 1 })
      expect { Timeout.timeout(0.5) { visitor.visit { |session| session["a"] && sleep } } }
        .to raise_error(Timeout::Error)
      expect(row(visitor).keys).not_to include("locked_at", "lock_token")
    end

    it "outlasts lock_expiry_time under a slow request" do
      visitor = visitor_with({ "count" => 0 }, lock_expiry_time: 800)
      impatient = visitor(cookie: visitor.cookie, lock_expiry_time: 800, lock_max_wait_time: 2)
      visitor.visit do |session|
        session["count"] += 1
        locked_at = row(visitor)["locked_at"]["N"].to_f
        # Longer than a lock without renewal lasts, and then some.
        impatient.visit { |other| other["count"] = 1000 }
        expect(row(visitor)["locked_at"]["N"].to_f).to be > locked_at + 0.8
      end
      expect(recorder.errors).to match([an_instance_of(Aws::SessionStore::DynamoDB::Errors::LockWaitTimeoutError)])
      expect(data(visitor)).to eq("count" => 1)
    end

    it "is not renewed any more when it was given back" do
      visitor = visitor_with({ "a" => 1 }, lock_expiry_time: 150)
      visitor.visit { |session| session["a"] = 2 }
      before = row(visitor)
      sleep 0.3
      expect(row(visitor)).to eq(before)
    end

    it "tells the handler of LockWaitTimeoutError: the request sees an empty session, which is not saved" do
      visitor = visitor_with({ "a" => 1 })
      waiter = visitor(cookie: visitor.cookie, lock_max_wait_time: 0.3)
      visitor.visit do |session|
        session["a"] = 2
        found = nil
        waited = seconds { waiter.visit { |other| found = other.to_h.tap { other["a"] = "theirs" } } }
        expect(found).to be_empty
        expect(waited).to be_between(0.3, 0.3 + slack)
      end
      expect(recorder.errors).to match([an_instance_of(Aws::SessionStore::DynamoDB::Errors::LockWaitTimeoutError)])
      expect(waiter.response.status).to eq(200)
      expect(waiter.cookie).to eq(visitor.cookie)
      expect(data(visitor)).to eq("a" => 2)
    end

    it "raises LockWaitTimeoutError with raise_errors" do
      visitor = visitor_with({ "a" => 1 })
      waiter = visitor(cookie: visitor.cookie, lock_max_wait_time: 0, error_handler: nil, raise_errors: true)
      visitor.visit do |session|
        session["a"] = 2
        expect { waiter.visit { |other| other["a"] } }
          .to raise_error(Aws::SessionStore::DynamoDB::Errors::LockWaitTimeoutError, /lock_max_wait_time/)
      end
    end

    it "is never placed on a row that does not exist" do
      visitor = visitor_with({ "a" => 1 })
      old = visitor.cookie
      visitor.visit { |session| session["a"] && session.destroy }
      gone = visitor(cookie: old)
      gone.visit { |session| expect(session["a"]).to be_nil }
      expect(row(old)).to be_nil
    end

    it "is not taken by a request that does not touch its session" do
      visitor = visitor_with({ "a" => 1 })
      visitor.visit { |_| expect(row(visitor).keys).not_to include("locked_at", "lock_token") }
    end

    it "is not placed on a session that is over, which no one would use" do
      visitor = visitor_with({ "a" => 1 }, expire_after: 1)
      sleep 2
      visitor.window.visit { |session| expect(session["a"]).to be_nil }
      expect(row(visitor).keys).not_to include("locked_at", "lock_token")
    end

    # A page for the error, or a body that streams: nothing of it is saved, and nobody would give the lock back.
    it "is not taken any more once the response is out" do
      visitor = visitor_with({ "a" => 1 })
      seen = nil
      visitor.visit { |session, _| seen = session }
      expect(seen["a"]).to eq(1)
      expect(row(visitor).keys).not_to include("locked_at", "lock_token")
    end
  end

  each_engine do |engine|
    include_context "with a table of", engine
    it_behaves_like "a lock for one request"
  end

  context "with a dynamo_db_client" do
    include_context "with a table of", Engines::Engine.new("DynamoDB Local", -> { DynamoDBLocal.endpoint },
                                                           "specs-#{SecureRandom.hex(6)}")
    let(:ruby_client) { RubyDynamoDBClient.new }
    let(:client) { { dynamo_db_client: ruby_client } }

    it_behaves_like "a lock for one request"

    it "is renewed again after a renewal that failed" do
      visitor = visitor_with({ "count" => 0 }, lock_expiry_time: 1200)
      impatient = visitor(cookie: visitor.cookie, lock_expiry_time: 1200, lock_max_wait_time: 2,
                          dynamo_db_client: RubyDynamoDBClient.new)
      visitor.visit do |session|
        session["count"] += 1
        ruby_client.before(:update_item) { raise Errno::ECONNRESET }
        impatient.visit { |other| other["count"] = 1000 }
      end
      expect(recorder.errors).to match([an_instance_of(Aws::SessionStore::DynamoDB::Errors::LockWaitTimeoutError)])
      expect(data(visitor)).to eq("count" => 1)
    end

    it "costs one call to take and read, and none to give back with what ends the request" do
      visitor = visitor_with({ "a" => 1 })
      { "saved" => [->(session) { session["a"] = 2 }, :update_item],
        "only read" => [->(session) { session["a"] }, :update_item],
        "renewed" => [->(session) { session["a"] && session.options[:renew] = true }, :transact_write_items],
        "destroyed" => [->(session) { session["a"] && session.destroy }, :delete_item] }
        .each do |what, (application, last)|
        ruby_client.requests.clear
        visitor.visit(&application)
        expect(ruby_client.operations).to eq([:update_item, last]), what
      end
    end

    it "notes the session's use as it is given back, since that costs nothing more" do
      visitor = visitor_with({ "a" => 1 })
      before = row(visitor)
      visitor.visit { |session| session["a"] }
      expect(row(visitor)["updated_at"]["N"].to_f).to be > before["updated_at"]["N"].to_f
    end

    it "leaves no thread behind" do
      visitor = visitor_with({ "a" => 1 })
      before = Thread.list.size
      5.times { visitor.visit { |session| session["a"] += 1 } }
      sleep 0.1
      expect(Thread.list.size).to eq(before)
    end
  end
end
