# frozen_string_literal: true

require "support/sessions"

RSpec.describe "The life of a session" do
  # The same visitor's browser, with the cookie that it has now, kept for later.
  def with_cookie_of(visitor)
    visitor.window
  end

  each_engine do |engine|
    include_context "with sessions", engine

    describe "from its first save to its end" do
      it "keeps what is put into it from one request to the next" do
        ada = visitor
        ada.visit { |session| session["name"] = "Ada" }
        expect(ada.visit { |session| session["name"] }).to eq("Ada")
      end

      it "keeps everything that JSON can say" do
        held = { "text" => "Zoë 🦊 \u0000 \"", "number" => 12_345_678_901_234_567_890, "fraction" => 0.1, "yes" => true,
                 "no" => false, "list" => [1, [nil, {}]], "" => "no key", "deep" => { "er" => { "still" => [1, 2] } } }
        expect(contents(visitor_with(**held))).to eq(held)
      end

      it "drops keys whose value is nil, as Rack does" do
        ada = visitor_with("name" => "Ada", "age" => 36)
        ada.visit { |session| session["age"] = nil }
        expect(data(ada)).to eq("name" => "Ada")
      end

      it "is its visitor's own" do
        ada = visitor_with("name" => "Ada")
        bob = visitor_with("name" => "Bob")
        expect([contents(ada), contents(bob)]).to eq([{ "name" => "Ada" }, { "name" => "Bob" }])
      end

      it "sets its cookie once" do
        ada = visitor_with("name" => "Ada")
        expect(ada.set_cookie).to start_with("rack.session=")
        ada.visit { |session| session["name"] = "Ada Lovelace" }
        expect(ada.set_cookie).to be_nil
      end

      it "keeps the time when it began, and moves that of its last use" do
        ada = visitor_with("name" => "Ada")
        began = time(ada, "created_at")
        ada.visit { |session| session["name"] = "Ada Lovelace" }
        expect(time(ada, "created_at")).to eq(began)
        expect(time(ada, "updated_at")).to be > began
      end
    end

    describe "that is new and empty" do
      it "makes neither row nor cookie when it is read" do
        ada = visitor
        id = ada.visit { |session| session["name"] || session.id }
        expect([id, ada.set_cookie]).to eq([nil, nil])
      end

      it "makes neither row nor cookie when nothing is left in it" do
        ada = visitor
        id = ada.visit do |session|
          session["name"] = "Ada"
          session.delete("name")
          session.id
        end
        expect([row(id), ada.set_cookie]).to eq([nil, nil])
      end
    end

    describe "that is changed" do
      it "loses the keys that are deleted, in the row too" do
        ada = visitor_with("name" => "Ada", "card" => "4111")
        ada.visit { |session| session.delete("card") }
        expect(data(ada)).to eq("name" => "Ada")
      end

      it "is empty in the row too after clear" do
        ada = visitor_with("name" => "Ada")
        ada.visit(&:clear)
        expect(row(ada)["data"]).to eq("S" => "{}")
      end

      it "is empty in the row too when its last key is deleted" do
        ada = visitor_with("name" => "Ada")
        ada.visit { |session| session.delete("name") }
        expect(row(ada)["data"]).to eq("S" => "{}")
      end

      it "is replaced as a whole" do
        ada = visitor_with("name" => "Ada")
        ada.visit { |session| session.replace("count" => 1) }
        expect(data(ada)).to eq("count" => 1)
      end

      it "is saved when the change is deep inside a Hash or an Array" do
        ada = visitor_with("cart" => { "items" => [{ "id" => 1, "tags" => %w[new] }] })
        ada.visit { |session| session["cart"]["items"][0]["tags"] << "blue" }
        ada.visit { |session| session["cart"]["items"].first.store("count", 2) }
        expect(data(ada)).to eq("cart" => { "items" => [{ "id" => 1, "tags" => %w[new blue], "count" => 2 }] })
      end

      it "is saved when a string in it is changed in place" do
        ada = visitor_with("name" => "Ada")
        ada.visit { |session| session["name"] << " Lovelace" }
        expect(data(ada)).to eq("name" => "Ada Lovelace")
      end
    end

    describe "that is only read" do
      it "is noted as used when touch_interval has passed" do
        ada = visitor_with("name" => "Ada", touch_interval: 0)
        before = row(ada)
        ada.visit { |session| session["name"] }
        expect(row(ada)).to eq(before.merge("updated_at" => row(ada)["updated_at"]))
        expect(time(ada, "updated_at")).to be > before["updated_at"]["N"].to_f
      end

      it "is left alone before that" do
        ada = visitor_with("name" => "Ada", touch_interval: 60)
        expect { ada.visit { |session| session["name"] } }.not_to(change { row(ada) })
      end

      it "is noted as used four times in max_stale, so that it does not go stale in use" do
        ada = visitor_with("name" => "Ada", touch_interval: 60, max_stale: 0.4)
        8.times do
          sleep 0.1
          expect(ada.visit { |session| session["name"] }).to eq("Ada")
        end
      end

      it "is noted as used four times in expire_after, so that it does not expire in use" do
        ada = visitor_with("name" => "Ada", touch_interval: 60, expire_after: 2)
        sleep 0.6
        expect { ada.visit { |session| session["name"] } }.to(change { time(ada, "updated_at") })
      end
    end

    describe "that is renewed" do
      def renew(visitor)
        visitor.visit do |session, request|
          request.session_options[:renew] = true
          yield session if block_given?
        end
      end

      it "goes on under a new id" do
        ada = visitor_with("name" => "Ada")
        began = time(ada, "created_at")
        before = ada.cookie
        renew(ada)
        expect(ada.cookie).not_to eq(before)
        expect(contents(ada)).to eq("name" => "Ada")
        expect(time(ada, "created_at")).to eq(began)
      end

      it "leaves a cookie behind that is worthless" do
        ada = visitor_with("name" => "Ada")
        thief = with_cookie_of(ada)
        renew(ada)
        expect(row(thief)).to be_nil
        expect(contents(thief)).to eq({})
      end

      it "keeps what the same request changes" do
        ada = visitor_with("name" => "Ada", "guest" => true)
        renew(ada) { |session| session.update("user_id" => 1).delete("guest") }
        expect(contents(ada)).to include("name" => "Ada", "user_id" => 1)
      end

      it "may be new" do
        ada = visitor
        renew(ada) { |session| session["name"] = "Ada" }
        expect(contents(ada)).to eq("name" => "Ada")
      end

      it "makes neither row nor cookie when it is new and empty" do
        ada = visitor
        renew(ada)
        expect(ada.set_cookie).to be_nil
      end

      it "sets a cookie although it is also deferred, as Rack has it" do
        ada = visitor_with("name" => "Ada")
        before = ada.cookie
        ada.visit { |_, request| request.session_options.update(renew: true, defer: true) }
        expect(ada.cookie).not_to eq(before)
      end

      it "can be renewed again and again" do
        ada = visitor_with("name" => "Ada")
        cookies = Array.new(3) { renew(ada) || ada.cookie }
        expect(cookies.uniq.size).to eq(3)
        expect(contents(ada)).to eq("name" => "Ada")
      end
    end

    describe "that is destroyed" do
      it "is gone, and its cookie with it" do
        ada = visitor_with("name" => "Ada")
        ada.visit(&:destroy)
        expect([row(ada), ada.set_cookie]).to eq([nil, nil])
        expect(contents(ada)).to eq({})
      end

      it "is gone although it was not read before" do
        ada = visitor_with("name" => "Ada")
        ada.visit { |_, request| request.session_options[:drop] = true }
        expect([row(ada), ada.set_cookie]).to eq([nil, nil])
      end

      it "is followed by a new one, with another id, when something is put into it" do
        ada = visitor_with("name" => "Ada")
        before = ada.cookie
        ada.visit do |session|
          session.destroy
          session["notice"] = "Good-bye"
        end
        expect(ada.cookie).not_to eq(before)
        expect([row(before), contents(ada)]).to eq([nil, { "notice" => "Good-bye" }])
      end

      it "does not come back when the same request goes on to use what it had read" do
        ada = visitor_with("name" => "Ada")
        before = ada.cookie
        ada.visit do |session|
          held = session.to_hash
          session.destroy
          session.update(held)
        end
        expect(row(before)).to be_nil
      end

      it "may be there no more" do
        ada = visitor_with("name" => "Ada")
        twice = with_cookie_of(ada)
        [ada, twice].each { |visitor| visitor.visit(&:destroy) }
        expect(twice.response.status).to eq(200)
      end
    end

    describe "that was never there" do
      it "is not made under an id that its visitor chose, though it is well signed" do
        ada = visitor_with("name" => "Ada")
        thief = with_cookie_of(ada)
        ada.visit(&:destroy)
        thief.visit { |session| session["name"] = "Eve" }
        expect(thief.cookie).not_to eq(ada.cookie)
        expect(row(ada)).to be_nil
      end

      it "is told to the application as a new one" do
        told = lambda do |session, request|
          session["visits"] = session["visits"].to_i + 1
          request.env["dynamo_db.new_session"]
        end
        ada = visitor
        expect([ada.visit(&told), ada.visit(&told)]).to eq(["true", nil])
      end
    end

    describe "its id" do
      it "is the cookie's value for the application" do
        ada = visitor_with("name" => "Ada")
        ids = ada.visit { |session| [session.id.public_id, session["session_id"], session.id.cookie_value] }
        expect(ids.uniq).to eq([ada.cookie])
      end

      it "is the row's key for whoever looks into the table" do
        ada = visitor_with("name" => "Ada")
        expect(ada.visit { |session| session.id.private_id }).to eq(row(ada)["session_id"]["S"])
      end

      it "is known before the first save" do
        ada = visitor
        id = ada.visit { |session| (session["name"] = "Ada") && session.id.public_id }
        expect(id).to eq(ada.cookie)
      end
    end

    describe "with Rack's options" do
      it "defer saves it and sets no cookie" do
        ada = visitor
        id = ada.visit do |session, request|
          request.session_options[:defer] = true
          session["name"] = "Ada"
          session.id
        end
        expect([data(id), ada.set_cookie]).to eq([{ "name" => "Ada" }, nil])
      end

      it "skip does nothing" do
        ada = visitor_with("name" => "Ada")
        ada.visit do |session, request|
          session["name"] = "Eve"
          request.session_options[:skip] = true
        end
        expect([data(ada), ada.set_cookie]).to eq([{ "name" => "Ada" }, nil])
      end

      it "expire_after limits the cookie and the row" do
        ada = visitor_with("name" => "Ada", expire_after: 3600)
        expect(Time.httpdate(ada.set_cookie[/expires=([^;]+)/i, 1])).to be_within(60).of(Time.now + 3600)
        expect(time(ada, "expire_at")).to be_within(60).of(Time.now.to_f + 3600)
      end

      it "expire_after may be one request's" do
        ada = visitor_with("name" => "Ada")
        expect(row(ada)).not_to include("expire_at")
        ada.visit do |session, request|
          session["remember_me"] = true
          request.session_options[:expire_after] = 86_400
        end
        expect(Time.httpdate(ada.set_cookie[/expires=([^;]+)/i, 1])).to be_within(60).of(Time.now + 86_400)
        expect(time(ada, "expire_at")).to be_within(60).of(Time.now.to_f + 86_400)
      end

      it "secure saves it on secure connections only" do
        ada = visitor(secure: true)
        ada.visit { |session| session["name"] = "Ada" }
        expect(ada.set_cookie).to be_nil
        ada.visit("https://example.org/") { |session| session["name"] = "Ada" }
        expect(ada.set_cookie).to match(/; secure/i)
      end

      it "same_site, path, domain and httponly are the cookie's" do
        ada = visitor_with("name" => "Ada", same_site: :lax, path: "/shop", domain: "example.org", httponly: false)
        expect(ada.set_cookie).to match(/; SameSite=Lax/i).and match(%r{; path=/shop}).and match(/; domain=example.org/)
        expect(ada.set_cookie).not_to match(/httponly/i)
      end

      it "key names the cookie" do
        ada = visitor_with("name" => "Ada", key: "_shop")
        expect(ada.set_cookie).to start_with("_shop=")
        expect(contents(ada)).to eq("name" => "Ada")
      end
    end

    describe "with several commits in one request" do
      it "holds what was put into it before each" do
        ada = visitor
        ada.visit do |session, request|
          session["first"] = 1
          commit(request)
          session["second"] = 2
        end
        expect(contents(ada)).to eq("first" => 1, "second" => 2)
      end

      it "is as the last left it" do
        ada = visitor_with("name" => "Ada")
        ada.visit do |session, request|
          session["name"] = "Eve"
          commit(request)
          session["name"] = "Ada"
        end
        expect(contents(ada)).to eq("name" => "Ada")
      end

      it "is renewed by each that is to renew it, and holds all" do
        ada = visitor_with("name" => "Ada")
        before = ada.cookie
        ada.visit do |session, request|
          request.session_options[:renew] = true
          commit(request)
          session["second"] = 2
        end
        expect(row(before)).to be_nil
        expect(contents(ada)).to eq("name" => "Ada", "second" => 2)
      end

      it "keeps its new id when only the first renews it" do
        ada = visitor_with("name" => "Ada")
        before = ada.cookie
        ada.visit do |session, request|
          request.session_options[:renew] = true
          commit(request)
          request.session_options[:renew] = false
          session["second"] = 2
        end
        expect(ada.cookie).not_to eq(before)
        expect(row(before)).to be_nil
        expect(contents(ada)).to eq("name" => "Ada", "second" => 2)
      end
    end

    describe "through the store's public methods" do
      def request
        Rack::Request.new(Rack::MockRequest.env_for("/"))
      end

      it "is found, written and deleted" do
        sessions = store
        id, session = sessions.find_session(request, nil)
        expect(session).to eq({})
        expect(sessions.write_session(request, id, { "name" => "Ada" }, {})).to eq(id)
        expect(sessions.find_session(request, id)).to eq([id, { "name" => "Ada" }])
        expect(sessions.delete_session(request, id, drop: true)).to be_nil
        expect(sessions.find_session(request, id)).not_to include(id)
      end

      it "is written over only by a request that has found it" do
        sessions = store
        first = request
        id, = sessions.find_session(first, nil)
        sessions.write_session(first, id, { "name" => "Ada" }, {})
        expect(sessions.write_session(request, id, { "name" => "Eve" }, {})).not_to eq(id)
        expect(data(id)).to eq("name" => "Ada")
      end

      it "is not written again by the request that has deleted it" do
        sessions = store
        id = visitor_with("name" => "Ada").visit(&:id)
        deleting = request
        _, session = sessions.find_session(deleting, id)
        sessions.delete_session(deleting, id, {})
        sessions.write_session(deleting, id, session.merge("age" => 36), {})
        expect(row(id)).to be_nil
      end

      it "is found under its new id by the request that has renewed it" do
        sessions = store
        id = visitor_with("name" => "Ada").visit(&:id)
        renewing = request
        _, session = sessions.find_session(renewing, id)
        renewed = sessions.write_session(renewing, sessions.delete_session(renewing, id, renew: true), session, {})
        expect(sessions.find_session(renewing, id)).to eq([renewed, { "name" => "Ada" }])
      end

      it "is found again as it was saved, with what others had put into it" do
        ada = visitor_with("name" => "Ada")
        sessions = store
        twice = request
        id, session = sessions.find_session(twice, ada.visit(&:id))
        ada.visit { |other| other["cart"] = [1] }
        sessions.write_session(twice, id, session.merge("theme" => "dark"), {})
        expect(sessions.find_session(twice, id).last).to eq("name" => "Ada", "theme" => "dark", "cart" => [1])
        sessions.write_session(twice, id, { "name" => "Ada" }, {})
        expect(data(ada)).to eq("name" => "Ada")
      end

      it "gets a new id where it is deleted and the request goes on" do
        sessions = store
        id, = sessions.find_session(request, nil)
        renewed = sessions.delete_session(request, id, {})
        expect(renewed.public_id).not_to eq(id.public_id)
      end
    end
  end

  describe "in requests to DynamoDB" do
    include_context "with a fault proxy"

    it "costs none while it is not used" do
      ada = visitor_with("name" => "Ada")
      expect(calls { ada.visit }).to eq([])
      expect(calls { ada.visit { |session| session.id.public_id } }).to eq([])
    end

    it "costs none for a visitor without a cookie who only reads" do
      expect(calls { visitor.visit { |session| session["name"] } }).to eq([])
    end

    it "costs one write when it is first saved" do
      expect(calls { visitor_with("name" => "Ada") }).to eq(%w[UpdateItem])
    end

    it "costs one consistent read, and nothing more before touch_interval has passed" do
      ada = visitor_with("name" => "Ada")
      expect(calls { ada.visit { |session| session["name"] } }).to eq(%w[GetItem])
      expect(proxy.requests.last.document).to include("ConsistentRead" => true)
    end

    it "is read as consistent_read says" do
      ada = visitor_with("name" => "Ada", consistent_read: false)
      ada.visit { |session| session["name"] }
      expect(proxy.requests.last.document).to include("ConsistentRead" => false)
    end

    it "costs one read however often it is used in a request" do
      ada = visitor_with("name" => "Ada")
      expect(calls { ada.visit { |session| 3.times { session["name"] && session.to_hash && session.id } } })
        .to eq(%w[GetItem])
    end

    it "costs no write when what is put into it was there" do
      ada = visitor_with("name" => "Ada", "list" => [1, { "two" => 2 }])
      expect(calls { ada.visit { |session| session.update("list" => [1, { "two" => 2 }]) } }).to eq(%w[GetItem])
    end

    it "costs a read and a write when it is changed, or touched" do
      ada = visitor_with("name" => "Ada", touch_interval: 0)
      expect(calls { ada.visit { |session| session["name"] = "Eve" } }).to eq(%w[GetItem UpdateItem])
      expect(calls { ada.visit { |session| session["name"] } }).to eq(%w[GetItem UpdateItem])
    end

    it "sends no data when it is only touched" do
      ada = visitor_with("name" => "Ada", touch_interval: 0)
      ada.visit { |session| session["name"] }
      expect(proxy.requests.last.body).not_to include("data")
    end

    it "costs a read and a transaction when it is renewed" do
      ada = visitor_with("name" => "Ada")
      expect(calls { ada.visit { |_, request| request.session_options[:renew] = true } })
        .to eq(%w[GetItem TransactWriteItems])
    end

    it "costs a read, as Rack loads it, and a delete when it is destroyed" do
      ada = visitor_with("name" => "Ada")
      expect(calls { ada.visit(&:destroy) }).to eq(%w[GetItem DeleteItem])
    end

    it "costs a delete when it is dropped unread" do
      ada = visitor_with("name" => "Ada")
      expect(calls { ada.visit { |_, request| request.session_options[:drop] = true } }).to eq(%w[DeleteItem])
    end

    it "costs one read although it is found twice in a request" do
      id = visitor_with("name" => "Ada").visit(&:id)
      sessions = store
      twice = Rack::Request.new(Rack::MockRequest.env_for("/"))
      expect(calls { 2.times { sessions.find_session(twice, id) } }).to eq(%w[GetItem])
    end

    it "costs one write although its use is to be noted by two commits of a request" do
      ada = visitor_with("name" => "Ada", touch_interval: 0.2)
      sleep 0.3
      expect(calls { ada.visit { |session, request| session["name"] && commit(request) } })
        .to eq(%w[GetItem UpdateItem])
    end

    it "costs no write where the same session is only written otherwise in the row" do
      pretty = Class.new do
        def dump(session) = JSON.pretty_generate(session)
        def load(data) = JSON.parse(data)
      end
      ada = Visitor.new(store, cookie: visitor_with("name" => "Ada", serializer: pretty.new).cookie)
      expect(calls { ada.visit { |session| session["name"] } }).to eq(%w[GetItem])
    end

    it "costs none to skip it" do
      ada = visitor_with("name" => "Ada")
      expect(calls { ada.visit { |_, request| request.session_options[:skip] = true } }).to eq([])
    end

    it "stays valid under its old id when it cannot be renewed" do
      ada = visitor_with("name" => "Ada", max_attempts: 1, raise_errors: false)
      before = ada.cookie
      proxy.refuse("TransactWriteItems", "InternalServerError", status: 500)
      ada.visit { |_, request| request.session_options[:renew] = true }
      expect([ada.cookie, ada.set_cookie]).to eq([before, nil])
      expect(ada.response.errors).to include("InternalServerError")
      expect(contents(ada)).to eq("name" => "Ada")
    end
  end
end
