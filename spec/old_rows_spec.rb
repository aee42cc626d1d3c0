# frozen_string_literal: true

require "aws-sessionstore-dynamodb"
require "support/old_gem"
require "support/raw_rows"
require "support/ruby_dynamodb_client"
require "support/sessions"
# Marshal, where it is asked for, builds what was put into the session.
require "active_support"
require "active_support/hash_with_indifferent_access"

# What older versions have left behind: rows, which are in spec/fixtures/rows, cookies, and processes that still run.
RSpec.describe "Rows and cookies of older versions", :aggregate_failures do
  secret = "the secret key of the old fleet"

  rows = %w[0.5 3.0 4.0].to_h do |version|
    [version, JSON.parse(File.read(File.expand_path("fixtures/rows/#{version}.json", __dir__))).freeze]
  end

  # What they hold, as the application sees it.
  contents = {
    "user_id" => 42, "name" => "Zoë 😀", "locale" => :de, "symbol" => :grüße, "admin" => false, "mfa" => true,
    "address" => { "line2" => nil }, "ratio" => 0.1, "big" => 2**70, "negative" => -129,
    "cart" => [{ "sku" => "A-1", "qty" => 2 }, { "sku" => "B/2+", "qty" => 300 }],
    "prefs" => { "theme" => "dark", "nested" => { "font" => 12 } },
    "flash" => { "discard" => [], "flashes" => { "notice" => "Saved" } },
    "twice" => %w[shared shared], "ascii" => "plain", "_csrf_token" => "d8xr3nJt0yP5iZ7gIxQvJ1q0"
  }.freeze
  in_json = contents.merge("locale" => "de", "symbol" => "grüße").freeze
  expected = { "0.5" => contents, "3.0" => contents, "4.0" => in_json }

  let(:recorder) { ErrorRecorder.new }
  let(:options) { raw.options.merge(secret_key: secret, error_handler: recorder) }

  attr_reader :raw

  def visitor(cookie = nil, **more)
    store = Aws::SessionStore::DynamoDB::RackMiddleware.new(Visitor::APPLICATION, options.merge(more))
    Visitor.new(store, cookie:)
  end

  def contents_of(visitor)
    visitor.visit(&:to_hash).except("session_id")
  end

  # The row under its new key, or under the cookie's value.
  def row(cookie, row_ids: :private)
    Aws::SessionStore::DynamoDB::Table.item(cookie, options.merge(row_ids:))
  end

  # Where the option endpoint is "embedded", in a file: see RawRows.
  shared_context "with a table of" do |engine|
    before(:context) do
      @raw = RawRows.new(engine.options)
      TestTable.create(@raw.options)
    end

    after(:context) { TestTable.delete(@raw.options) }
  end

  each_engine do |engine|
    include_context "with a table of", engine

    rows.each do |version, old|
      cookie = old["session_id"]["S"]

      describe "a row of version #{version}" do
        before { raw.put([old]) }

        after do
          destroyer = visitor(cookie)
          destroyer.visit { |session| session["user_id"] && session.destroy }
        end

        it "is read, and moves at its next save to its new key and form; the cookie stays" do
          visitor = visitor(cookie)
          expect(contents_of(visitor(cookie, touch_interval: 1e9))).to eq(expected[version])
          expect(row(cookie, row_ids: :public)).to eq(old)

          visitor.visit { |session| session["new"] = "value" }
          expect(row(cookie, row_ids: :public)).to be_nil
          moved = row(cookie)
          expect(moved.keys).to contain_exactly("session_id", "data", "created_at", "updated_at")
          expect(moved["session_id"]["S"]).to eq("2::#{OpenSSL::Digest.hexdigest("SHA256", cookie)}")
          expect(JSON.parse(moved["data"]["S"])).to eq(in_json.merge("new" => "value"))
          expect(moved["created_at"]["N"].to_f).to be_within(1e-5).of(old["created_at"].values.first.to_f)
          expect(moved["updated_at"]["N"].to_f).to be_within(60).of(Time.now.to_f)

          expect(visitor.set_cookie).to be_nil
          expect(visitor.cookie).to eq(cookie)
          expect(contents_of(visitor)).to eq(in_json.merge("new" => "value"))
          expect(recorder.errors).to be_empty
        end

        it "moves without a change too, when its use is to be noted" do
          expect(contents_of(visitor(cookie))).to eq(expected[version])
          expect(row(cookie, row_ids: :public)).to be_nil
          expect(JSON.parse(row(cookie)["data"]["S"])).to eq(in_json)
        end

        it "moves to a new, newly signed id when the session is renewed" do
          visitor = visitor(cookie)
          visitor.visit { |session| session["user_id"] && session.options[:renew] = true }
          expect(visitor.cookie).to match(/\A\h{64}--\h+\z/)
          expect(contents_of(visitor)).to eq(in_json)
          expect([row(cookie), row(cookie, row_ids: :public)]).to eq([nil, nil])
          visitor.visit(&:destroy)
        end

        it "goes when the session is destroyed" do
          visitor(cookie).visit { |session| session["user_id"] && session.destroy }
          expect([row(cookie), row(cookie, row_ids: :public)]).to eq([nil, nil])
        end

        it "is locked, moved and given back with enable_locking" do
          visitor(cookie, enable_locking: true).visit do |session|
            session["user_id"] += 1
            expect(row(cookie, row_ids: :public).keys).to include("locked_at", "lock_token")
          end
          expect(row(cookie, row_ids: :public)).to be_nil
          expect(row(cookie).keys).to contain_exactly("session_id", "data", "created_at", "updated_at")
        end

        it "keeps what several requests change that meet it first, at the same time" do
          [{}, { enable_locking: true, lock_expiry_time: 20_000, lock_max_wait_time: 60, lock_retry_delay: 20 }]
            .each do |locking|
            raw.put([old]) unless locking.empty?
            store = Aws::SessionStore::DynamoDB::RackMiddleware.new(Visitor::APPLICATION, options.merge(locking))
            Array.new(4) do |number|
              Thread.new { Visitor.new(store, cookie:).visit { |session| session["mine #{number}"] = sleep(0.2) } }
            end.each(&:join)
            expect(contents_of(visitor(cookie)).keys).to include("user_id", *Array.new(4) { |n| "mine #{n}" })
            visitor(cookie).visit(&:destroy)
          end
          expect(recorder.errors).to be_empty
        end

        it "is renewed with what another request has changed that moved it meanwhile" do
          visitor = visitor(cookie)
          visitor.visit do |session|
            session["mine"] = session.options[:renew] = true
            visitor(cookie).visit { |other| other["theirs"] = true }
          end
          expect(visitor.cookie).not_to eq(cookie)
          expect(contents_of(visitor)).to include("mine" => true, "theirs" => true, "user_id" => 42)
          expect([row(cookie), row(cookie, row_ids: :public)]).to eq([nil, nil])
          visitor.visit(&:destroy)
        end

        it "stays where it is, in its new form, with row_ids: :public" do
          visitor(cookie, row_ids: :public).visit { |session| session["new"] = "value" }
          expect(row(cookie)).to be_nil
          expect(JSON.parse(row(cookie, row_ids: :public)["data"]["S"])).to eq(in_json.merge("new" => "value"))
        end

        it "is over by max_stale and max_age, whatever the type of its times" do
          age = Time.now.to_f - old["created_at"].values.first.to_f
          { max_stale: age / 2, max_age: age - 1 }.each do |limit, seconds|
            expect(visitor(cookie, limit => seconds / 10).visit { |session| session["user_id"] }).to be_nil, limit.to_s
            expect(visitor(cookie, limit => age + 60, touch_interval: 1e9).visit { |session| session["user_id"] })
              .to eq(42), limit.to_s
          end
        end

        it "gets an expire_at where there is a limit" do
          age = Time.now.to_f - old["created_at"].values.first.to_f
          visitor(cookie, max_stale: age + 60).visit { |session| session["user_id"] = 43 }
          expect(row(cookie)["expire_at"]["N"].to_f).to be_within(60).of(Time.now.to_f + age + 60)
        end

        it "is not found by a cookie of another key, nor with legacy_cookies: false" do
          [{ secret_key: "another" }, { legacy_cookies: false }].each do |more|
            expect(visitor(cookie, **more).visit { |session| session["user_id"] }).to be_nil
          end
          expect(recorder.errors.map(&:class)).to eq([Aws::SessionStore::DynamoDB::Errors::InvalidIDError] * 2)
          expect(row(cookie, row_ids: :public)).to eq(old)
        end

        it "is found by a cookie of any key in the list" do
          expect(visitor(cookie, secret_key: ["new", secret]).visit { |session| session["user_id"] }).to eq(42)
        end

        it "is read by every serializer, and written by it" do
          { json: /\A\{"user_id":42/, json_allow_marshal: /\A\{"user_id":42/, marshal: %r{\ABAh[A-Za-z0-9+/]+=*\z} }
            .each do |serializer, written|
            raw.put([old])
            visitor = visitor(cookie, serializer:)
            expect(contents_of(visitor)).to include(contents.slice("user_id", "name", "big", "cart", "flash"))
            expect(row(cookie)["data"]["S"]).to match(written)
            visitor.visit(&:destroy)
          end
        end
      end
    end

    describe "expire_at" do
      let(:cookie) { rows["4.0"]["session_id"]["S"] }

      after { visitor(cookie).visit { |session| session["user_id"] && session.destroy } }

      it "is believed where it is later than updated_at: there was a limit" do
        raw.put([rows["4.0"].merge("expire_at" => { "N" => (Time.now.to_i - 1).to_s })])
        expect(visitor(cookie).visit { |session| session["user_id"] }).to be_nil
        raw.put([rows["4.0"].merge("expire_at" => { "N" => (Time.now.to_i + 60).to_s })])
        expect(visitor(cookie).visit { |session| session["user_id"] }).to eq(42)
      end
    end

    describe "an object of the application" do
      # Notes in `ran` when Marshal builds it.
      let(:ran) { [] }

      before do
        noted = ran
        stub_const("OldSession", Module.new)
        stub_const("OldSession::Loaded", Class.new do
          define_method(:marshal_dump) { "state" }
          define_method(:marshal_load) { |_| noted << :marshal_load }
        end)
        stub_const("OldSession::Built", Class.new do
          define_method(:_dump) { |_| "state" }
          define_singleton_method(:_load) { |_| new.tap { noted << :_load } }
        end)
        stub_const("OldSession::Plain", Class.new { attr_accessor :name })
        stub_const("OldSession::Record", Struct.new(:name))
      end

      def put(session)
        OldGem.new(raw, secret: options[:secret_key], format: :marshal).create(session)
      end

      objects = {
        "with marshal_load" => -> { OldSession::Loaded.new }, "with _load" => -> { OldSession::Built.new },
        "of a class" => -> { OldSession::Plain.new }, "of a Struct" => -> { OldSession::Record.new("a") },
        "that is a class" => -> { OldSession::Plain }, "that was extended" => -> { (+"a").extend(OldSession) }
      }

      objects.each do |what, object|
        it "is InvalidDataError and runs no code (#{what})" do
          [object.call, [object.call], { "deep" => { "in" => object.call } }].each do |value|
            cookie = put("user_id" => 1, "object" => value)
            visitor = visitor(cookie)
            visitor.visit { |session| expect(session.to_hash).not_to include("user_id", "object") }
            visitor.visit { |session| session["user_id"] = 2 }
            expect(ran).to be_empty
            expect(recorder.errors.map(&:class).uniq).to eq([Aws::SessionStore::DynamoDB::Errors::InvalidDataError])
            expect(recorder.errors.first.message).to match(/Marshal.*not plain data.*serializer: :json_allow_marshal/)
            # The user gets a new session; the row stays, for whoever mends it.
            expect(visitor.cookie).not_to eq(cookie)
            expect(row(cookie, row_ids: :public)["data"]["S"]).to start_with("BAh")
          end
        end
      end

      it "is read with :json_allow_marshal, and written where JSON can hold it" do
        cookie = put("user_id" => 1, "object" => OldSession::Record.new("a"))
        visitor = visitor(cookie, serializer: :json_allow_marshal)
        visitor.visit { |session| session["object"] = session["object"].name }
        expect(row(cookie)["data"]["S"]).to eq('{"user_id":1,"object":"a"}')
        expect(ran).to be_empty
        visitor(put("a" => OldSession::Loaded.new), serializer: :json_allow_marshal).visit { |session| session["a"] }
        expect(ran.uniq).to eq([:marshal_load])
      end

      it "is read and written with :marshal" do
        visitor = visitor(put("object" => OldSession::Record.new("a")), serializer: :marshal)
        visitor.visit { |session| session["object"].name << "b" }
        expect(visitor.visit { |session| session["object"] }).to eq(OldSession::Record.new("ab"))
      end

      it "is read and written by a serializer of the user's own" do
        serializer = Class.new do
          def self.load(data)
            data.start_with?("BAh") ? { "from" => data.delete("\n").size } : { "from" => data.delete_prefix("own:") }
          end

          def self.dump(session)
            "own:#{session["from"]}"
          end
        end
        cookie = put("object" => OldSession::Loaded.new)
        expect(visitor(cookie, serializer:).visit { |session| session["from"] += 1 }).to be > 1
        expect(row(cookie)["data"]["S"]).to match(/\Aown:\d+\z/)
        expect(ran).to be_empty
      end
    end

    describe "a fleet of old and new processes on one table (row_ids: :public)" do
      { "0.5 to 3" => %i[marshal marshal], "4.0" => %i[json json] }.each do |versions, (format, serializer)|
        context "with versions #{versions}, and serializer: #{serializer.inspect} here" do
          let(:old) { OldGem.new(raw, secret:, format:) }

          def newer(cookie, serializer)
            visitor(cookie, row_ids: :public, serializer:)
          end

          it "goes on here with a session that began there, and there again" do
            cookie = old.create("count" => 1, "name" => "Zoë")
            visitor = newer(cookie, serializer)
            visitor.visit { |session| session["count"] += 1 }
            expect(old.load(cookie)).to eq("count" => 2, "name" => "Zoë")
            old.save(cookie, old.load(cookie).merge("count" => 3))
            expect(visitor.visit { |session| session["count"] += 1 }).to eq(4)
            expect(old.load(cookie)).to include("count" => 4)
            expect(visitor.cookie).to eq(cookie)
            expect(row(cookie)).to be_nil
            expect(recorder.errors).to be_empty
          end

          it "goes on there with a session that began here, and here again" do
            visitor = newer(nil, serializer)
            visitor.visit { |session| session["count"] = 1 }
            # The documented form: hex HMAC-MD5 of the rest, two dashes, the rest, which Rack generates.
            expect(visitor.cookie).to match(/\A\h{32}--\h{32,}\z/)
            expect(old.load(visitor.cookie)).to eq("count" => 1)
            old.save(visitor.cookie, "count" => 2)
            expect(visitor.visit { |session| session["count"] += 1 }).to eq(3)
            visitor.visit { |session| session["count"] && session.options[:renew] = true }
            expect(old.load(visitor.cookie)).to eq("count" => 3)
            visitor.visit(&:destroy)
            expect(old.load(visitor.cookie)).to be_nil
          end
        end
      end

      # Of this version, some with the option and some without, while it is taken out.
      it "may end, and begin again, while the fleet runs" do
        public = visitor(row_ids: :public, serializer: :marshal)
        public.visit { |session| session["count"] = 1 }
        private = visitor(public.cookie)
        [private, public, private, public].each { |each| each.visit { |session| session["count"] += 1 } }
        expect(public.visit { |session| session["count"] }).to eq(5)

        began = visitor
        began.visit { |session| session["count"] = 1 }
        expect(visitor(began.cookie, row_ids: :public).visit { |session| session["count"] += 1 }).to eq(2)
        expect(began.visit { |session| session["count"] += 1 }).to eq(3)
        visitor(began.cookie, row_ids: :public).visit(&:destroy)
        expect(began.visit { |session| session["count"] }).to be_nil
        expect(recorder.errors).to be_empty
      end

      it "ends without a logout: the rows move when the option goes" do
        visitor = visitor(row_ids: :public, serializer: :marshal)
        visitor.visit { |session| session["count"] = 1 }
        cookie = visitor.cookie
        after = visitor(cookie)
        expect(after.visit { |session| session["count"] += 1 }).to eq(2)
        expect([row(cookie, row_ids: :public), row(cookie)["data"]["S"]]).to eq([nil, '{"count":2}'])
        expect(after.cookie).to eq(cookie)
      end
    end
  end

  describe "the requests for a row of an older version" do
    include_context "with a table of", Engines::Engine.new("DynamoDB Local", -> { DynamoDBLocal.endpoint },
                                                           "specs-#{SecureRandom.hex(6)}")
    let(:client) { RubyDynamoDBClient.new }
    let(:cookie) { rows["3.0"]["session_id"]["S"] }

    before { raw.put([rows["3.0"]]) }
    after { visitor(cookie).visit { |session| session["user_id"] && session.destroy } }

    def operations
      client.requests.clear
      yield
      client.operations
    end

    it "are a second read and one transaction, once" do
      visitor = visitor(cookie, dynamo_db_client: client)
      expect(operations { visitor.visit { |session| session["a"] = 1 } })
        .to eq(%i[get_item get_item transact_write_items])
      expect(client.requests.last.last[:transact_items].map(&:keys)).to eq([[:update], [:delete]])
      expect(operations { visitor.visit { |session| session["a"] = 2 } }).to eq(%i[get_item update_item])
    end

    it "leave the old row as it is when the transaction fails" do
      client.before(:transact_write_items) { raise Errno::ECONNRESET }
      visitor(cookie, dynamo_db_client: client).visit { |session| session["a"] = 1 }
      expect(row(cookie, row_ids: :public)).to eq(rows["3.0"])
      expect(row(cookie)).to be_nil
      expect(recorder.errors.map(&:class)).to eq([Errno::ECONNRESET])
    end

    it "find it when another request moves it between two looks" do
      client.before(:get_item)
      client.before(:get_item) { visitor(cookie).visit { |session| session["a"] = 1 } }
      expect(visitor(cookie, dynamo_db_client: client).visit { |session| session["a"] }).to eq(1)
    end

    { overwrite: %w[mine], merge: %w[mine theirs], raise: %w[theirs] }.each do |on_conflict, kept|
      it "go by on_conflict: :#{on_conflict} where another request moves it meanwhile" do
        visitor(cookie, on_conflict:).visit do |session|
          session["mine"] = true
          visitor(cookie).visit { |other| other["theirs"] = true }
        end
        expect(contents_of(visitor(cookie)).keys & %w[mine theirs]).to match_array(kept)
        conflict = Aws::SessionStore::DynamoDB::Errors::ConflictError
        expect(recorder.errors.map(&:class)).to eq(on_conflict == :raise ? [conflict] : [])
      end
    end

    it "leave nothing of a destroyed session, though another request moves it meanwhile" do
      # Before the first deletion, and between the two.
      2.times do |deletions|
        raw.put([rows["3.0"]])
        visitor(cookie, dynamo_db_client: client).visit do |session|
          session["user_id"]
          deletions.times { client.before(:delete_item) }
          client.before(:delete_item) { visitor(cookie).visit { |other| other["user_id"] && other["a"] = 1 } }
          session.destroy
        end
        expect([row(cookie), row(cookie, row_ids: :public)]).to eq([nil, nil])
      end
    end

    it "are none for a cookie that no version has made" do
      ["#{"0" * 32}--#{"a" * 32}", cookie.swapcase, cookie[1..], cookie.sub("--", "-")].each do |forged|
        expect(operations { visitor(forged, dynamo_db_client: client).visit { |session| session["a"] } }).to be_empty
      end
    end

    it "are no second read for a cookie of this version" do
      visitor = visitor(dynamo_db_client: client)
      visitor.visit { |session| session["a"] = 1 }
      visitor.visit(&:destroy)
      gone = visitor.cookie
      expect(operations { visitor(gone, dynamo_db_client: client).visit { |session| session["a"] } })
        .to eq([:get_item])
    end
  end

  # OpenSSL says so in two ways: the digest is not there, or may not be used.
  describe "where MD5 cannot be had (FIPS)" do
    include_context "with a table of", Engines::Engine.new("the embedded engine", -> { "embedded" },
                                                           "specs-#{SecureRandom.hex(6)}")

    [OpenSSL::HMACError.new("unsupported"), RuntimeError.new("Unsupported digest algorithm (MD5).")].each do |error|
      context "which is #{error.class}" do
        before do
          raw.put([rows["4.0"]])
          allow(OpenSSL::HMAC).to receive(:hexdigest).and_call_original
          allow(OpenSSL::HMAC).to receive(:hexdigest).with("MD5", any_args).and_raise(error)
        end

        it "has sessions, and takes an old cookie as one that is not ours" do
          visitor = visitor(rows["4.0"]["session_id"]["S"])
          visitor.visit { |session| session["count"] = session["user_id"].to_i + 1 }
          expect(visitor.visit { |session| session["count"] }).to eq(1)
          expect(recorder.errors.map(&:class)).to eq([Aws::SessionStore::DynamoDB::Errors::InvalidIDError])
        end

        it "refuses row_ids: :public, which would need it" do
          expect { visitor(row_ids: :public) }
            .to raise_error(Aws::SessionStore::DynamoDB::Errors::ConfigurationError, /row_ids: :public.*MD5.*FIPS/)
        end
      end
    end
  end
end
