# frozen_string_literal: true

require "digest"
require "openssl"
require "support/sessions"

RSpec.describe Aws::SessionStore::DynamoDB::RackMiddleware do
  secret = "the secret key of the specs"
  errors = Aws::SessionStore::DynamoDB::Errors

  describe "in config.ru" do
    # @return [Array<String>] what three requests of one visitor were answered
    def three_counts(app)
      browser = Rack::Test::Session.new(app)
      Array.new(3) { browser.get("/").body }
    end

    each_engine do |engine|
      include_context "with sessions", engine

      let(:counter) do
        lambda do |env|
          env["rack.session"]["count"] = env["rack.session"]["count"].to_i + 1
          [200, { "content-type" => "text/plain" }, [env["rack.session"]["count"].to_s]]
        end
      end

      it "is used by its class and options" do
        given = options
        app = counter
        built = Rack::Builder.app do
          use Aws::SessionStore::DynamoDB::RackMiddleware, given
          run app
        end
        expect(three_counts(built)).to eq(%w[1 2 3])
      end

      it "is used by an object made from options, as the first documents have it" do
        given = options
        app = counter
        built = Rack::Builder.app do
          use AWS::SessionStore::DynamoDB::RackMiddleware.new(given)
          run app
        end
        expect(three_counts(built)).to eq(%w[1 2 3])
      end
    end
  end

  describe "when it is built" do
    spellings = {
      "around an application" => ->(options) { described_class.new(->(_) {}, options) },
      "for `use`" => ->(options) { described_class.new(options) }
    }

    spellings.each do |name, build|
      context name do
        define_method(:build) { |options| instance_exec(options, &build) }

        it "asks for a secret key" do
          expect { build({}) }
            .to raise_error(errors::MissingSecretKeyError, /secret_key.*AWS_DYNAMO_DB_SESSION_SECRET_KEY/)
        end

        it "takes no empty secret key" do
          expect { build(secret_key: [""]) }.to raise_error(errors::Error, /secret_key|secret key/)
        end

        it "names an option that there is not" do
          expect { build(secret_key: secret, tabel_name: "x") }
            .to raise_error(errors::ConfigurationError, /tabel_name.*table_name/m)
        end

        it "names a wrong value, and says what is valid" do
          expect { build(secret_key: secret, max_stale: "soon") }
            .to raise_error(errors::ConfigurationError, /max_stale: expected .*"soon".*Ruby code/m)
        end

        it "asks DynamoDB nothing" do
          expect { build(secret_key: secret, endpoint: "http://127.0.0.1:1", region: "us-east-1") }.not_to raise_error
        end
      end
    end
  end

  describe "its secrets" do
    let(:options) do
      { secret_key: "very secret", access_key_id: "test", secret_access_key: "hush", endpoint: "embedded",
        max_stale: 9 }
    end

    it "are not in what every request can read" do
      seen = nil
      app = lambda do |env|
        seen = env["rack.session.options"].to_hash
        [200, {}, []]
      end
      described_class.new(app, options.merge(secure: true)).call(Rack::MockRequest.env_for("/"))
      expect(seen).to include(secure: true, path: "/")
      expect(seen.keys).not_to include(:secret_key, :secret_access_key, :access_key_id, :endpoint, :max_stale)
      expect(seen.inspect).not_to match(/very secret|hush/)
    end

    it "are not shown by inspect, which goes into messages of NoMethodError and into logs" do
      middleware = described_class.new(->(_) {}, options)
      expect([middleware, middleware.config, described_class.new(options)].map(&:inspect).join)
        .not_to match(/very secret|hush/)
    end
  end

  describe "its cookie" do
    each_engine do |engine|
      include_context "with sessions", engine

      it "holds an id and its HMAC-SHA256 under the secret key" do
        ada = visitor(secret_key: secret)
        ada.visit { |session| session["name"] = "Ada" }
        hmac, id = ada.cookie.split("--")
        expect(id).to match(/\A\h{32,}\z/)
        expect(hmac).to eq(OpenSSL::HMAC.hexdigest("SHA256", secret, id))
      end

      it "is as long as sidbits asks for" do
        ada = visitor
        long = visitor(sidbits: 256)
        [ada, long].each { |visitor| visitor.visit { |session| session["name"] = "Ada" } }
        expect(long.cookie.size).to be > ada.cookie.size
      end

      it "cannot be told from the row's key" do
        ada = visitor
        ada.visit { |session| session["name"] = "Ada" }
        expect(row(ada)["session_id"]).to eq("S" => "2::#{Digest::SHA256.hexdigest(ada.cookie)}")
        expect(row(ada).to_s).not_to include(ada.cookie, ada.cookie.split("--").last)
      end

      it "goes with a row of data and times, and no more" do
        ada = visitor
        ada.visit { |session| session["name"] = "Ada" }
        expect(row(ada)).to match("session_id" => { "S" => /\A2::\h{64}\z/ }, "data" => { "S" => '{"name":"Ada"}' },
                                  "created_at" => { "N" => /\A\d+(\.\d+)?\z/ },
                                  "updated_at" => { "N" => /\A\d+(\.\d+)?\z/ })
        expect(row(ada)["created_at"]["N"].to_f).to be_within(60).of(Time.now.to_f)
      end
    end
  end

  it "is a session store of Rack, to be derived from" do
    expect(described_class.ancestors).to include(Rack::Session::Abstract::PersistedSecure)
    derived = Class.new(described_class)
    expect(derived.new(->(_) {}, secret_key: secret)).to be_a(derived)
    expect(derived.new(secret_key: secret).new(->(_) {})).to be_a(derived)
  end
end
