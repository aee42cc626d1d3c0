# frozen_string_literal: true

require "support/sessions"

# Requests that use the same session at the same time. In most examples one request runs from its beginning to its end
# while another one, which has loaded the session before, is still at work.
RSpec.describe "Requests that share a session" do
  conflict = Aws::SessionStore::DynamoDB::Errors::ConflictError

  # Runs the block in another thread, as an application server runs another request, while this one waits.
  def meanwhile(&)
    Thread.new(&).tap { |thread| thread.report_on_exception = false }.value
  end

  # A request that loads the session, waits until another request of the same browser is over, and goes on.
  #
  # @param other [Proc] the other request
  def late_request(visitor, other, &changes)
    window = visitor.window
    visitor.visit do |session, request|
      session.to_hash
      meanwhile { window.visit(&other) }
      changes.call(session, request)
    end
    window
  end

  each_engine do |engine|
    include_context "with sessions", engine

    describe "with on_conflict: :merge" do
      it "keep what each has put into it" do
        ada = visitor_with("name" => "Ada")
        late_request(ada, ->(session) { session["cart"] = [1] }) { |session| session["theme"] = "dark" }
        expect(data(ada)).to eq("name" => "Ada", "cart" => [1], "theme" => "dark")
      end

      it "keep what each has changed" do
        ada = visitor_with("a" => 1, "b" => 1, "c" => 1)
        late_request(ada, ->(session) { session["a"] = 2 }) { |session| session["b"] = 3 }
        expect(data(ada)).to eq("a" => 2, "b" => 3, "c" => 1)
      end

      it "keep deleted what the earlier one has deleted" do
        ada = visitor_with("a" => 1, "b" => 1)
        late_request(ada, ->(session) { session.delete("a") }) { |session| session["b"] = 2 }
        expect(data(ada)).to eq("b" => 2)
      end

      it "delete what the later one deletes" do
        ada = visitor_with("a" => 1, "b" => 1)
        late_request(ada, ->(session) { session["b"] = 2 }) { |session| session.delete("a") }
        expect(data(ada)).to eq("b" => 2)
      end

      it "keep one of two values of the same key, whole: the later one's" do
        ada = visitor_with("cart" => { "items" => [] })
        late_request(ada, ->(session) { session["cart"]["items"] << 1 }) { |session| session["cart"]["items"] << 2 }
        expect(data(ada)).to eq("cart" => { "items" => [2] })
      end

      it "keep what the earlier one adds when the later one clears the session" do
        ada = visitor_with("a" => 1)
        late_request(ada, ->(session) { session["b"] = 2 }) { |session, _| session.clear }
        expect(data(ada)).to eq("b" => 2)
      end

      it "need not all change it: what one reads and the other changes stays changed" do
        ada = visitor_with("a" => 1)
        late_request(ada, ->(session) { session["a"] = 2 }) { |session| session["a"] }
        expect(data(ada)).to eq("a" => 2)
      end

      it "merge again and again while others go on saving" do
        ada = visitor_with("a" => 0)
        window = ada.window
        ada.visit do |session|
          session["a"]
          5.times { |n| meanwhile { window.visit { |other| other["n#{n}"] = n } } }
          session["a"] = 1
        end
        expect(data(ada)).to eq("a" => 1, "n0" => 0, "n1" => 1, "n2" => 2, "n3" => 3, "n4" => 4)
      end

      it "keep all of their changes when many really run at the same time" do
        ada = visitor_with("start" => true)
        threads = Array.new(8) do |n|
          window = ada.window
          Thread.new { 5.times { |i| window.visit { |session| session["t#{n}-#{i}"] = i } } }
        end
        threads.each(&:value)
        expect(data(ada).size).to eq(41)
      end

      it "keep what another one has put into it when one saves twice" do
        ada = visitor_with("name" => "Ada")
        window = ada.window
        ada.visit do |session, request|
          session["theme"] = "dark"
          meanwhile { window.visit { |other| other["cart"] = [1] } }
          commit(request)
          session["language"] = "en"
        end
        expect(data(ada)).to eq("name" => "Ada", "cart" => [1], "theme" => "dark", "language" => "en")
      end

      it "keep what another one has put into it when one renews it" do
        ada = visitor_with("name" => "Ada")
        before = ada.cookie
        late_request(ada, ->(session) { session["cart"] = [1] }) do |session, request|
          session["user_id"] = 1
          request.session_options[:renew] = true
        end
        expect(row(before)).to be_nil
        expect(contents(ada)).to eq("name" => "Ada", "cart" => [1], "user_id" => 1)
      end
    end

    describe "with on_conflict: :overwrite" do
      it "leave it as the last one saved it" do
        ada = visitor_with("name" => "Ada", on_conflict: :overwrite)
        late_request(ada, ->(session) { session["cart"] = [1] }) { |session| session["theme"] = "dark" }
        expect(data(ada)).to eq("name" => "Ada", "theme" => "dark")
      end

      it "do not bring it back when it is destroyed" do
        ada = visitor_with("name" => "Ada", on_conflict: :overwrite)
        late_request(ada, lambda(&:destroy)) { |session| session["theme"] = "dark" }
        expect([row(ada), ada.set_cookie]).to eq([nil, nil])
      end
    end

    describe "with on_conflict: :raise" do
      it "tell the error handler of the conflict, and save nothing" do
        recorder = ErrorRecorder.new
        ada = visitor_with("name" => "Ada", on_conflict: :raise, error_handler: recorder)
        late_request(ada, ->(session) { session["cart"] = [1] }) { |session| session["theme"] = "dark" }
        expect(recorder.errors).to match([an_instance_of(conflict)])
        expect([data(ada), ada.set_cookie]).to eq([{ "name" => "Ada", "cart" => [1] }, nil])
      end

      it "raise it with raise_errors" do
        ada = visitor_with("name" => "Ada", on_conflict: :raise)
        expect { late_request(ada, ->(session) { session["cart"] = [1] }) { |session| session["theme"] = "dark" } }
          .to raise_error(conflict, /not saved/)
      end

      it "have no conflict where one only reads" do
        ada = visitor_with("name" => "Ada", on_conflict: :raise, touch_interval: 0)
        late_request(ada, ->(session) { session["cart"] = [1] }) { |session| session["name"] }
        expect(data(ada)).to eq("name" => "Ada", "cart" => [1])
      end

      it "do not renew it over a change" do
        ada = visitor_with("name" => "Ada", on_conflict: :raise)
        renew = ->(_, request) { request.session_options[:renew] = true }
        expect { late_request(ada, ->(session) { session["cart"] = [1] }, &renew) }.to raise_error(conflict)
        expect(data(ada)).to eq("name" => "Ada", "cart" => [1])
      end
    end

    describe "when one destroys it" do
      # What a request that was already at work may do with a session that is destroyed meanwhile.
      {
        "changes it" => ->(session, _) { session["name"] = "Eve" },
        "deletes a key" => ->(session, _) { session.delete("name") },
        "clears it" => ->(session, _) { session.clear },
        "replaces it" => ->(session, _) { session.replace("user_id" => 1) },
        "reads it, and its use is noted" => ->(session, _) { session["name"] },
        "renews it" => ->(_, request) { request.session_options[:renew] = true },
        "changes and renews it" => lambda do |session, request|
          session["user_id"] = 1
          request.session_options[:renew] = true
        end,
        "has its cookie extended" => ->(_, request) { request.session_options[:expire_after] = 3600 },
        "drops it" => ->(_, request) { request.session_options[:drop] = true }
      }.each do |does, changes|
        it "do not bring it back where another #{does}, nor set a cookie" do
          ada = visitor_with("name" => "Ada", touch_interval: 0)
          late_request(ada, lambda(&:destroy), &changes)
          expect([row(ada), ada.set_cookie]).to eq([nil, nil])
        end
      end

      it "do not bring it back where another saves it after a conflict" do
        ada = visitor_with("name" => "Ada")
        window = ada.window
        ada.visit do |session|
          session["name"]
          meanwhile { window.visit { |other| other["cart"] = [1] } }
          meanwhile { window.visit(&:destroy) }
          session["theme"] = "dark"
        end
        expect([row(ada), ada.set_cookie]).to eq([nil, nil])
      end

      it "leave the new session alone that the visitor has meanwhile" do
        ada = visitor_with("user_id" => 1)
        sign_in_again = lambda do |session|
          session.destroy
          session["user_id"] = 2
        end
        window = late_request(ada, sign_in_again) { |session| session["theme"] = "dark" }
        expect(ada.set_cookie).to be_nil
        expect(contents(window)).to eq("user_id" => 2)
      end

      it "do not write under the same id even where the lock was theirs" do
        ada = visitor_with("name" => "Ada", enable_locking: true)
        id = ada.cookie
        ada.visit do |session|
          session["name"] = "Eve"
          without_lock = store
          request = Rack::Request.new(Rack::MockRequest.env_for("/"))
          meanwhile { without_lock.delete_session(request, Rack::Session::SessionId.new(id), drop: true) }
        end
        expect([row(id), ada.set_cookie]).to eq([nil, nil])
      end
    end

    describe "when two renew it" do
      it "leave one session, and the cookie of the one that came first" do
        ada = visitor_with("name" => "Ada")
        renew = ->(_, request) { request.session_options[:renew] = true }
        before = ada.cookie
        window = late_request(ada, renew, &renew)
        expect([row(before), ada.set_cookie]).to eq([nil, nil])
        expect(contents(window)).to eq("name" => "Ada")
      end
    end
  end

  describe "in requests to DynamoDB" do
    include_context "with a fault proxy"

    it "cost nothing more while there is no conflict" do
      ada = visitor_with("name" => "Ada")
      expect(calls { ada.visit { |session| session["cart"] = [1] } }).to eq(%w[GetItem UpdateItem])
      expect(calls { ada.visit { |session| session["cart"] << 2 } }).to eq(%w[GetItem UpdateItem])
    end

    it "cost one write more for a conflict: the answer to the first holds what is there" do
      ada = visitor_with("name" => "Ada")
      expect(calls { late_request(ada, ->(session) { session["cart"] = [1] }) { |session| session["theme"] = "dark" } })
        .to eq(%w[GetItem GetItem UpdateItem UpdateItem UpdateItem])
    end

    it "cost one read more where the session is gone" do
      ada = visitor_with("name" => "Ada")
      expect(calls { late_request(ada, lambda(&:destroy)) { |session| session["theme"] = "dark" } })
        .to eq(%w[GetItem GetItem DeleteItem UpdateItem GetItem])
    end

    it "merge each time with what is there by then" do
      ada = visitor_with("n" => 0, "gone" => true)
      other = Visitor.new(store(endpoint: engine.endpoint), cookie: ada.cookie)
      steps = [->(session) { session["n"] = 1 }, ->(session) { session["late"] = 1 },
               ->(session) { session.update("n" => 2, "late" => 2).delete("gone") }]
      proxy.before("UpdateItem", times: 3) { other.visit(&steps.shift) }
      ada.visit { |session| session["theme"] = "dark" }
      expect(data(ada)).to eq("n" => 2, "late" => 2, "theme" => "dark")
    end

    it "give up with an error after many conflicts in a row, and leave what others saved" do
      ada = visitor_with("n" => 0)
      other = Visitor.new(store(endpoint: engine.endpoint), cookie: ada.cookie)
      # Each time that it wants to save, somebody else has been faster.
      proxy.before("UpdateItem", times: Float::INFINITY) { other.visit { |session| session["n"] += 1 } }
      expect { ada.visit { |session| session["theme"] = "dark" } }.to raise_error(conflict)
      expect(data(ada)).to match("n" => be_between(10, 100))
    end
  end
end
