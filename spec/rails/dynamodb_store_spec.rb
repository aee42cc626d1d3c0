# frozen_string_literal: true

require "action_controller"
require "active_support/core_ext/integer/time"
require "action_dispatch/session/dynamodb_store"
require "support/sessions"

# Where Rails' sessions differ from Rack's: session_life_spec.rb has what they share.
RSpec.describe ActionDispatch::Session::DynamodbStore do
  controller = Class.new(ActionController::Base) do
    # Calls the block of the visit.
    def show
      visit = request.env.fetch("specs.visit")
      visit[:result] = visit[:block]&.call(session, self)
      head :ok
    end
  end

  # The block of a visit gets the session and the controller.
  stack = SessionStack.new("_session_id", lambda do |options|
    application = ActionDispatch::Flash.new(controller.action(:show))
    ActionDispatch::Cookies.new(described_class.new(application, options))
  end)

  each_engine do |engine|
    include_context "with sessions", engine, stack

    it "keeps what is put into the session, deep changes too" do
      ada = visitor_with("name" => "Ada", "cart" => { "items" => [1] })
      ada.visit { |session| session[:cart]["items"] << 2 }
      expect(contents(ada)).to eq("name" => "Ada", "cart" => { "items" => [1, 2] })
    end

    it "sets Rails' cookie" do
      expect(visitor_with("name" => "Ada").set_cookie).to match(%r{\A_session_id=\h{64}--\h{32};.*path=/;.*HttpOnly}i)
    end

    it "tells the id as Rails does" do
      ada = visitor_with("name" => "Ada")
      ids = ada.visit { |session, rails| [session.id.public_id, session["session_id"], rails.request.session.id.to_s] }
      expect(ids.uniq).to eq([ada.cookie])
    end

    it "sets no cookie and makes no row for a session that is only read" do
      ada = visitor
      expect(ada.visit { |session| [session["name"], session.id] }).to eq([nil, nil])
      expect(ada.set_cookie).to be_nil
    end

    it "keeps the flash for the next request" do
      ada = visitor
      read = ->(_, rails) { rails.flash[:notice] }
      ada.visit { |_, rails| rails.flash[:notice] = "Welcome" }
      expect([ada.visit(&read), ada.visit(&read)]).to eq(["Welcome", nil])
    end

    it "keeps the token against forged requests" do
      ada = visitor
      token = ada.visit { |_, rails| rails.send(:form_authenticity_token) }
      expect(ada.visit { |_, rails| rails.send(:valid_authenticity_token?, rails.session, token) }).to be(true)
    end

    describe "reset_session" do
      it "ends the session: row and cookie are worthless" do
        ada = visitor_with("user_id" => 1)
        thief = ada.window
        ada.visit { |_, rails| rails.reset_session }
        expect([row(ada), ada.set_cookie, contents(ada), contents(thief)]).to eq([nil, nil, {}, {}])
      end

      it "is followed by a new session for what is put into it then" do
        ada = visitor_with("guest" => true)
        before = ada.cookie
        ada.visit do |_, rails|
          rails.reset_session
          rails.session[:user_id] = 1
        end
        expect(row(before)).to be_nil
        expect(ada.cookie).not_to eq(before)
        expect(contents(ada)).to eq("user_id" => 1)
      end

      it "works for a visitor without a session" do
        ada = visitor
        ada.visit do |_, rails|
          rails.reset_session
          rails.session[:user_id] = 1
        end
        expect(contents(ada)).to eq("user_id" => 1)
      end

      it "works twice in a request" do
        ada = visitor_with("guest" => true)
        ada.visit do |_, rails|
          2.times do |n|
            rails.reset_session
            rails.session[:n] = n
          end
        end
        expect(contents(ada)).to eq("n" => 1)
      end

      it "takes what the request had changed before with it" do
        ada = visitor_with("user_id" => 1)
        before = ada.cookie
        ada.visit do |session, rails|
          session[:user_id] = 2
          rails.reset_session
        end
        expect([row(before), contents(ada)]).to eq([nil, {}])
      end
    end

    it "renews the id and keeps the session" do
      ada = visitor_with("name" => "Ada")
      before = ada.cookie
      ada.visit { |_, rails| rails.request.session_options[:renew] = true }
      expect([row(before), contents(ada)]).to eq([nil, { "name" => "Ada" }])
      expect(ada.cookie).not_to eq(before)
    end

    it "takes Rails' durations" do
      ada = visitor_with("name" => "Ada", expire_after: 2.weeks, max_stale: 3.weeks, touch_interval: 0)
      expect(time(ada, "expire_at")).to be_within(60).of(2.weeks.from_now.to_f)
      ada.visit { |session| session["name"] }
      expect(time(ada, "expire_at")).to be_within(60).of(2.weeks.from_now.to_f)
    end

    it "gives a new session for a forged cookie" do
      eve = visitor
      eve.cookie = "#{"0" * 64}--#{"0" * 32}"
      expect(eve.visit { |session| [session.id, session["name"]] }).to eq([nil, nil])
      eve.visit { |session| session["name"] = "Eve" }
      expect(contents(eve)).to eq("name" => "Eve")
    end

    it "reports a forged cookie once a request, though Rails asks for the id again and again" do
      recorder = ErrorRecorder.new
      eve = visitor(error_handler: recorder)
      eve.cookie = "forged"
      eve.visit { |session| 3.times { session.id } }
      expect(recorder.errors.size).to eq(1)
    end

    it "is also :dynamo_db_store, as in aws-actiondispatch-dynamodb" do
      require "action_dispatch/session/dynamo_db_store"
      expect(ActionDispatch::Session::DynamoDbStore).to be(described_class)
    end
  end

  describe "in requests to DynamoDB" do
    include_context "with a fault proxy", stack

    it "costs none while the session is not used" do
      ada = visitor_with("name" => "Ada")
      expect(calls { ada.visit }).to eq([])
    end

    it "costs a read where the session or the flash is read" do
      ada = visitor_with("name" => "Ada")
      expect(calls { ada.visit { |session| session["name"] } }).to eq(%w[GetItem])
      expect(calls { ada.visit { |_, rails| rails.flash[:notice] } }).to eq(%w[GetItem])
    end

    it "costs nothing but the first save to sign in with reset_session" do
      sign_in = lambda do |_, rails|
        rails.reset_session
        rails.session[:user_id] = 1
      end
      expect(calls { visitor.visit(&sign_in) }).to eq(%w[UpdateItem])
    end
  end
end
