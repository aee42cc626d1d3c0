# frozen_string_literal: true

require "openssl"
require "support/sessions"

# The client chooses the cookie. Whatever it is, the answer is an answer.
RSpec.describe "Cookies" do
  invalid_id = Aws::SessionStore::DynamoDB::Errors::InvalidIDError
  secret = "the secret key of the specs"
  sign = ->(digest, key, id) { "#{OpenSSL::HMAC.hexdigest(digest, key, id)}--#{id}" }
  good = sign.call("SHA256", secret, "0" * 64)

  describe "that this store did not make" do
    include_context "with a fault proxy"

    # As it is sent, with nothing done to it.
    def visit_with(header, store)
      env = Rack::MockRequest.env_for("/", "HTTP_COOKIE" => header.b, "specs.visit" => {
                                        block: ->(session) { session["name"] = session["name"] ? "known" : "new" }
                                      })
      response = Rack::MockResponse.new(*store.call(env))
      [response.status, env["specs.visit"][:result], response.headers["Set-Cookie"].to_s]
    end

    {
      "forged" => "#{"f" * 64}--#{"0" * 64}",
      "signed with another key" => sign.call("SHA256", "another key", "0" * 64),
      "signed with MD5 and another key" => sign.call("MD5", "another key", "0" * 64),
      "signed with another digest" => sign.call("SHA1", secret, "0" * 64),
      "truncated" => good[0...-1],
      "truncated to its signature" => "#{good.split("--").first}--",
      "truncated to its id" => "--#{good.split("--").last}",
      "a bare id" => "0" * 64,
      "a row's key" => "2::#{"0" * 64}",
      "nothing but the separator" => "--",
      "with a longer id" => "#{good}0",
      "in upper case" => good.upcase,
      "10 KB long" => "a" * 10_240,
      "10 KB long and of the right form" => "#{"a" * 64}--#{"0" * 10_240}",
      "10 KB long and rightly signed" => sign.call("SHA256", secret, "0" * 10_240),
      "no UTF-8" => "\xff\xfe--\xc3\x28".b,
      "no UTF-8 behind a good one" => "#{good}\xff".b,
      "badly escaped" => "%zz%--%",
      "escaped NUL bytes" => "#{good}%00",
      "NUL bytes" => "#{good}\0",
      "escaped line breaks" => "#{good}%0d%0aSet-Cookie:%20x=y",
      "JSON" => '{"session_id":"1"}',
      "quoted" => "\"#{good}\"",
      "emoji" => "🦊--🦊"
    }.each do |kind, value|
      it "may be #{kind}: a new session, nothing asked of DynamoDB, and the error handler is told" do
        recorder = ErrorRecorder.new
        sent = calls do
          status, result, cookie = visit_with("rack.session=#{value}", store(error_handler: recorder))
          expect([status, result]).to eq([200, "new"])
          expect(cookie).to match(/\Arack\.session=\h{64}--\h{64};/)
        end
        expect(sent).to eq(%w[UpdateItem])
        expect(recorder.errors).to match([an_instance_of(invalid_id)])
        expect(recorder.envs.first).to include("PATH_INFO" => "/")
      end

      it "may be #{kind} although raise_errors is set" do
        expect(visit_with("rack.session=#{value}", store(raise_errors: true)).first).to eq(200)
      end
    end

    it "may make the error handler itself raise the error: it is still no failure of the application" do
      handler = Object.new
      def handler.handle_error(error, _env) = raise(error)
      expect(visit_with("rack.session=forged", store(error_handler: handler)).first).to eq(200)
    end

    it "are not repeated in the log" do
      errors = StringIO.new
      env = Rack::MockRequest.env_for("/", "HTTP_COOKIE" => "rack.session=<script>", "rack.errors" => errors,
                                           "specs.visit" => { block: ->(session) { session["name"] } })
      store(raise_errors: false).call(env)
      expect(errors.string).to match(/InvalidIDError: .*new session/).and(satisfy { |text| !text.include?("script") })
    end

    ["", "rack.session", "rack.session=", "rack.session[]=1", "rack.session[a]=1", ";;;", "=", "=;rack.session=", "%"]
      .each do |header|
        it "are none in #{header.inspect}: a new session, and no error" do
          recorder = ErrorRecorder.new
          expect(calls { expect(visit_with(header, store(error_handler: recorder))[0..1]).to eq([200, "new"]) })
            .to eq(%w[UpdateItem])
          expect(recorder.errors).to eq([])
        end
      end

    it "may come as a parameter with cookie_only: false, of any shape" do
      %w[=forged []=1 [a]=1 [][a]=1 =].each do |parameter|
        env = Rack::MockRequest.env_for("/?rack.session#{parameter}",
                                        "specs.visit" => { block: ->(session) { session["name"] } })
        expect(store(cookie_only: false).call(env).first).to eq(200)
      end
      expect(proxy.calls).to eq([])
    end
  end

  def public_row(visitor)
    Aws::SessionStore::DynamoDB::Table.item(visitor.cookie, engine.options.merge(row_ids: :public))
  end

  each_engine do |engine|
    include_context "with sessions", engine

    it "stay valid while their key is in the list, and new ones are signed with the first" do
      ada = visitor_with("name" => "Ada", secret_key: "old key")
      rotated = Visitor.new(store(secret_key: ["new key", "old key"]), cookie: ada.cookie)
      expect(contents(rotated)).to eq("name" => "Ada")
      renewed = visitor_with("name" => "Bob", secret_key: ["new key", "old key"]).cookie
      expect(renewed).to eq(sign.call("SHA256", "new key", renewed.split("--").last))
    end

    it "are signed with the first key when the session is renewed" do
      ada = visitor_with("name" => "Ada", secret_key: "old key")
      rotated = Visitor.new(store(secret_key: ["new key", "old key"]), cookie: ada.cookie)
      rotated.visit { |_, request| request.session_options[:renew] = true }
      expect(contents(Visitor.new(store(secret_key: "new key"), cookie: rotated.cookie))).to eq("name" => "Ada")
    end

    it "are worthless when their key has left the list" do
      ada = visitor_with("name" => "Ada", secret_key: "old key")
      expect(contents(Visitor.new(store(secret_key: "new key"), cookie: ada.cookie))).to eq({})
    end

    describe "of the versions before 5.0, signed with HMAC-MD5" do
      # A session as those versions kept it: under the cookie itself. row_ids: :public is what makes such rows now.
      let(:ada) { visitor_with("name" => "Ada", row_ids: :public) }

      it "are what row_ids: :public makes" do
        expect(ada.cookie).to eq(sign.call("MD5", secret, ada.cookie.split("--").last))
      end

      it "are accepted, and their sessions found" do
        expect(contents(Visitor.new(store, cookie: ada.cookie))).to eq("name" => "Ada")
      end

      it "keep their value while the session moves to the row's private key with its next write" do
        upgraded = Visitor.new(store, cookie: ada.cookie)
        upgraded.visit { |session| session["age"] = 36 }
        expect(upgraded.cookie).to eq(ada.cookie)
        expect([public_row(ada), data(upgraded)]).to eq([nil, { "name" => "Ada", "age" => 36 }])
      end

      it "keep their value while the session moves as soon as its use is noted" do
        Visitor.new(store, cookie: ada.cookie).visit { |session| session["name"] }
        expect([public_row(ada), row(ada)]).to match([Hash, nil])
        Visitor.new(store(touch_interval: 0), cookie: ada.cookie).visit { |session| session["name"] }
        expect([public_row(ada), data(ada)]).to eq([nil, { "name" => "Ada" }])
      end

      it "lose their session with a sign-out, whichever key its row has" do
        upgraded = Visitor.new(store, cookie: ada.cookie)
        upgraded.visit(&:destroy)
        expect(contents(ada)).to eq({})
      end

      it "are not accepted with legacy_cookies: false" do
        recorder = ErrorRecorder.new
        upgraded = Visitor.new(store(legacy_cookies: false, error_handler: recorder), cookie: ada.cookie)
        expect(contents(upgraded)).to eq({})
        expect(recorder.errors).to match([an_instance_of(invalid_id)])
      end
    end

    describe "with row_ids: :public" do
      it "are the rows' keys" do
        ada = visitor_with("name" => "Ada", row_ids: :public)
        expect(public_row(ada)["session_id"]).to eq("S" => ada.cookie)
      end

      it "are renewed and destroyed like others" do
        ada = visitor_with("name" => "Ada", row_ids: :public)
        before = ada.window
        ada.visit { |_, request| request.session_options[:renew] = true }
        expect([contents(before), contents(ada)]).to eq([{}, { "name" => "Ada" }])
        ada.visit(&:destroy)
        expect(contents(ada)).to eq({})
      end
    end
  end
end
