# frozen_string_literal: true

require "spec_helper"
require "support/native_stores"
require "support/raw_rows"
require "support/sessions"

# Whatever a client sends as its cookie, and whatever lies in the table: an answer, or one of the gem's own errors.
# FUZZ_ROUNDS=100000 goes on for longer; rspec --seed does the same again.
RSpec.describe Aws::SessionStore::DynamoDB::RackMiddleware, "with random input", :aggregate_failures do
  rounds = Integer(ENV.fetch("FUZZ_ROUNDS", "300"))
  errors = Aws::SessionStore::DynamoDB::Errors

  let(:random) { Random.new(RSpec.configuration.seed) }

  def one_of(*values)
    values[random.rand(values.size)]
  end

  # @return [String] any bytes
  def mutated(text)
    text.b.tap { |bytes| random.rand(1..3).times { mutate(bytes, random.rand(bytes.size + 1)) } }
  end

  def mutate(bytes, position)
    case random.rand(4)
    when 0 then bytes[position] = random.bytes(1)
    when 1 then bytes.slice!(position, random.rand(8))
    when 2 then bytes.insert(position, random.bytes(random.rand(4)))
    when 3 then bytes.insert(position, one_of("--", ";", ",", "%00", "%", "\"", "\\", "\n", "=", " "))
    end
  end

  context "with the embedded engine" do
    engine = Engines::Engine.new("the embedded engine", -> { "embedded" }, "specs-#{SecureRandom.hex(6)}")
    include_context "with sessions", engine
    let(:engine) { engine }

    # @return [Array] status, what the application saw, and whether the cookie is, after all, the one in the header
    def answer(app, header, cookie)
      seen = nil
      same = nil
      visit = lambda do |session, request|
        seen = session.to_hash
        same = request.cookies["rack.session"] == cookie
        session["visited"] = true
      end
      env = Rack::MockRequest.env_for("/", "HTTP_COOKIE" => header, "specs.visit" => { block: visit })
      [app.call(env).first, seen, same]
    end

    it "gives any cookie but a valid one a new session" do
      ada = visitor
      ada.visit { |session| session["name"] = "Ada" }
      app = store(error_handler: ErrorRecorder.new)
      cookie = ada.cookie.b
      rounds.times do
        header = one_of(
          -> { mutated("rack.session=#{cookie}") }, -> { "rack.session=#{mutated(cookie)}" },
          -> { "rack.session=".b << random.bytes(random.rand(200)) }, -> { random.bytes(random.rand(50)) },
          -> { "rack.session=#{cookie.sub("--", one_of("-", "---", "%2D%2D", "--\n", "--\0"))}" },
          -> { "rack.session=#{random.bytes(one_of(16, 32)).unpack1("H*")}--#{cookie[-random.rand(64)..]}" }
        ).call
        status, seen, same = answer(app, header, ada.cookie)
        expect([status, seen["name"]]).to eq([200, ("Ada" if same)]), "for the cookie #{header.inspect}"
      end
      expect(data(ada)).to include("name" => "Ada")
    end

    describe "and a row's data" do
      # Objects that can be written, and of which a changed byte makes something else.
      let(:sessions) do
        [{ "a" => 1, "b" => [1.5, nil, "text", :symbol, 2**80], "c" => { "d" => "e" * 40 } }, {}, { 1 => 2 }, [1, "a"],
         "text", nil, 1, Struct.new(:a).name, { "time" => Time.at(0), "regexp" => /a+/, "range" => 1..2 }, 1.0 / 3]
      end

      let(:texts) do
        [
          -> { valid_text(random.bytes(random.rand(60))) },
          -> { valid_text(mutated(JSON.generate(one_of(*sessions)))) },
          -> { valid_text(mutated([Marshal.dump(one_of(*sessions))].pack("m0"))) },
          -> { [mutated(Marshal.dump(one_of(*sessions)))].pack(one_of("m", "m0")) },
          -> { one_of("", " ", "null", "1", "[]", "[" * 200, "{\"a\":" * 150, "{\"json_class\":\"Object\"}", "{}x") },
          -> { one_of("BAg", "BAh", "BAh=", "BAi", "\u0000", "\u{10ffff}") }
        ]
      end

      def valid_text(bytes)
        bytes.force_encoding("UTF-8").scrub { |bad| bad.unpack1("H*") }
      end

      # A session whose row holds this text.
      def row_with(text)
        visitor.tap do |ada|
          ada.visit { |session| session["name"] = "Ada" }
          id = row(ada).dig("session_id", "S")
          native.save(id, [text, nil, nil], [:exists, nil])
        end
      end

      let(:native) { native_store(options[:endpoint], table_name: options[:table_name]) }

      %i[json json_allow_marshal marshal].each do |serializer|
        it "loads it, or says that it cannot be read, with the serializer #{serializer}" do
          recorder = ErrorRecorder.new
          app = store(serializer:, error_handler: recorder)
          (rounds / 2).times do
            content = one_of(*texts).call
            ada = Visitor.new(app, cookie: row_with(content).cookie)
            before = ada.cookie
            recorder.errors.clear
            seen = ada.visit { |session| session.to_hash.tap { session["new"] = 1 } }
            told = recorder.errors.map(&:class).uniq
            expect(told - [errors::InvalidDataError]).to be_empty, "#{told} for #{content.inspect}"
            expect(ada.response.status).to eq(200)
            next if told.empty?

            # What cannot be read stays, and its owner has a new session. What can be read but not written stays, too.
            expect([native.load(row_key(before)).first, ada.cookie == before]).to eq([content, seen.any?])
          end
        end
      end

      def row_key(cookie)
        Rack::Session::SessionId.new(cookie).private_id
      end
    end
  end

  # The embedded engine has the same reader; here any program could have written the row.
  context "with DynamoDB Local" do
    engine = Engines::Engine.new("DynamoDB Local", -> { DynamoDBLocal.endpoint }, "specs-#{SecureRandom.hex(6)}")
    include_context "with sessions", engine
    let(:engine) { engine }

    let(:attributes) { %w[data created_at updated_at expire_at locked_at lock_token] }

    # An attribute of any type.
    def attribute
      one_of({ "S" => one_of("{}", "1", "", "x", Time.now.to_f.to_s, "NaN", "1e999", "-0") },
             { "N" => one_of("0", "-1", "1e125", "-1e-130", "9" * 38, Time.now.to_i.to_s, (Time.now.to_f + 60).to_s) },
             { "BOOL" => true }, { "NULL" => true }, { "B" => "AAAA" }, { "L" => [] }, { "M" => {} },
             { "SS" => ["a"] }, { "NS" => ["1"] })
    end

    def rows(cookies)
      cookies.map do |cookie|
        others = attributes.select { random.rand < 0.3 }.to_h { |name| [name, attribute] }
        { "session_id" => { "S" => cookie.private_id }, "data" => { "S" => "{\"name\":\"Ada\"}" }, **others }
      end
    end

    it "loads a row with any attributes, or says that it cannot be read" do
      recorder = ErrorRecorder.new
      stores = [false, true].map do |enable_locking|
        store(enable_locking:, lock_max_wait_time: 0, error_handler: recorder, max_stale: 60, touch_interval: 0)
      end
      cookies = Array.new(rounds / 2) { stores.first.generate_sid }
      RawRows.new(engine.options).put(rows(cookies))
      cookies.each do |cookie|
        recorder.errors.clear
        ada = Visitor.new(one_of(*stores), cookie: cookie.public_id)
        ada.visit { |session| session["new"] = 1 if session["name"] && random.rand < 0.5 }
        expect(ada.response.status).to eq(200)
        expect(recorder.errors.map(&:class) - [errors::InvalidDataError, errors::LockWaitTimeoutError])
          .to be_empty, "#{recorder.errors} for #{row(cookie)}"
      end
    end
  end
end
