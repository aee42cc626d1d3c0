# frozen_string_literal: true

require "digest"
require "openssl"
require "support/raw_rows"
require "support/sessions"

# DynamoDB deletes what is past its expire_at up to days late, and only where TTL is switched on. A session that is over
# is over all the same.
RSpec.describe "The expiry of sessions" do
  secret = "the secret key of the specs"
  number = ->(seconds) { { "N" => seconds.to_s } }
  text = ->(seconds) { { "S" => seconds.to_s } }

  # Makes rows: so many seconds ago created and last used, in so many seconds for DynamoDB to delete.
  aged = lambda do |created: nil, updated: nil, expire: nil, form: number|
    lambda do |id, now|
      { "session_id" => { "S" => id }, "data" => { "S" => '{"name":"Ada"}' },
        "created_at" => created && form.call(now - created), "updated_at" => updated && form.call(now - updated),
        "expire_at" => expire && number.call((now + expire).floor) }.compact
    end
  end

  good = {
    "without limits is good, however old" => [aged.call(created: 1e9, updated: 1e9), {}],
    "is good that is younger than max_age" => [aged.call(created: 5_000, updated: 5_000), { max_age: 10_000 }],
    "is good that was used within max_stale" => [aged.call(created: 1e6, updated: 5_000), { max_stale: 10_000 }],
    "is good before its expire_at" => [aged.call(created: 5_000, updated: 5_000, expire: 5_000), {}],
    "is good whose times are text, as version 4.0 wrote them" =>
      [aged.call(created: 5_000, updated: 5_000, form: text), { max_age: 10_000, max_stale: 10_000 }],
    "is good without times" => [aged.call, { max_age: 10_000, max_stale: 10_000 }],
    "is good whose expire_at is that of its last use, as version 4.0 wrote it without limits" =>
      [aged.call(created: 10_000, updated: 5_000, expire: -5_000, form: text), {}],
    "is good whose expire_at is before its last use" => [aged.call(created: 10_000, updated: 5_000, expire: -6_000), {}]
  }
  over = {
    "is over that is older than max_age, though it is in use" =>
      [aged.call(created: 15_000, updated: 0), { max_age: 10_000, max_stale: 10_000 }],
    "is over that was not used for max_stale" => [aged.call(created: 15_000, updated: 15_000), { max_stale: 10_000 }],
    "is over that was not used for max_stale, though it is younger than max_age" =>
      [aged.call(created: 15_000, updated: 15_000), { max_age: 20_000, max_stale: 10_000 }],
    "is over after its expire_at" => [aged.call(created: 10_000, updated: 5_000, expire: -1_000), {}],
    "is over after its expire_at, whatever the limits are by now" =>
      [aged.call(created: 10_000, updated: 5_000, expire: -1_000), { max_age: 100_000, max_stale: 100_000 }],
    "is over after its expire_at where its last use is not known" => [aged.call(expire: -1_000), {}],
    "is over whose times are text" => [aged.call(created: 15_000, updated: 1_000, form: text), { max_age: 10_000 }],
    "is over whose times are text and that was not used" =>
      [aged.call(created: 15_000, updated: 15_000, form: text), { max_stale: 10_000 }]
  }

  cookies = (good.keys + over.keys).to_h do |name|
    id = Digest::SHA256.hexdigest(name)
    [name, "#{OpenSSL::HMAC.hexdigest("SHA256", secret, id)}--#{id}"]
  end

  each_engine do |engine|
    include_context "with sessions", engine

    describe "of a row that" do
      before(:context) do
        @rows = RawRows.new(engine.options)
        TestTable.create(@rows.options)
        now = Time.now.to_f
        @rows.put(good.merge(over).map do |name, (row, _)|
          row.call("2::#{Digest::SHA256.hexdigest(cookies.fetch(name))}", now)
        end)
      end

      let(:endpoint) { @rows.options[:endpoint] }

      good.each do |name, (_, limits)|
        it name do
          ada = Visitor.new(store(**limits), cookie: cookies.fetch(name))
          expect(ada.visit { |session| session["name"] }).to eq("Ada")
          expect(ada.cookie).to eq(cookies.fetch(name))
        end
      end

      over.each do |name, (_, limits)|
        it name do
          before = Aws::SessionStore::DynamoDB::Table.item(cookies.fetch(name), @rows.options)
          [{}, { enable_locking: true }].each do |locking|
            ada = Visitor.new(store(**limits, **locking), cookie: cookies.fetch(name))
            expect(ada.visit { |session| session["name"] || (session["name"] = "new") }).to eq("new")
            # A new id, and the row as it was: without a lock, for the collector.
            expect(ada.cookie).not_to eq(cookies.fetch(name))
            expect(Aws::SessionStore::DynamoDB::Table.item(cookies.fetch(name), @rows.options)).to eq(before)
          end
        end
      end
    end

    describe "as it is written" do
      def lifetime(visitor)
        time(visitor, "expire_at")&.-(Time.now.to_f)
      end

      it "is none without limits" do
        expect(row(visitor_with("name" => "Ada"))).not_to include("expire_at")
      end

      { { max_age: 100 } => 100, { max_stale: 200 } => 200, { expire_after: 300 } => 300,
        { max_age: 300, max_stale: 200 } => 200, { max_age: 100, max_stale: 200, expire_after: 300 } => 100 }
        .each do |limits, seconds|
          it "is in #{seconds} s with #{limits}, in whole seconds" do
            ada = visitor_with("name" => "Ada", **limits)
            expect(lifetime(ada)).to be_within(5).of(seconds)
            expect(row(ada)["expire_at"]["N"]).to match(/\A\d+\z/)
          end
        end

      it "moves with each noted use" do
        ada = visitor_with("name" => "Ada", max_stale: 100, touch_interval: 0)
        before = time(ada, "expire_at")
        sleep 1.1
        ada.visit { |session| session["name"] }
        expect(time(ada, "expire_at")).to be > before
      end

      it "does not move beyond max_age" do
        ada = visitor_with("name" => "Ada", max_age: 2, max_stale: 100, touch_interval: 0)
        before = time(ada, "expire_at")
        sleep 1.1
        ada.visit { |session| session["name"] }
        expect(time(ada, "expire_at")).to eq(before)
      end

      it "goes when the limits have gone" do
        ada = visitor_with("name" => "Ada", max_stale: 100)
        Visitor.new(store, cookie: ada.cookie).visit { |session| session["age"] = 36 }
        expect(row(ada)).not_to include("expire_at")
      end

      it "is a new session's own, after one that is over" do
        ada = visitor_with("name" => "Ada", max_stale: 0.2)
        before = ada.cookie
        sleep 0.3
        expect(ada.visit { |session| session["name"] || (session["name"] = "new") }).to eq("new")
        expect(ada.cookie).not_to eq(before)
      end
    end
  end
end
