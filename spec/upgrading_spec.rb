# frozen_string_literal: true

require "action_dispatch"
require "action_dispatch/session/dynamodb_store"
require "aws-sessionstore-dynamodb"
require "support/old_gem"
require "support/raw_rows"
require "support/ruby_dynamodb_client"
require "support/sessions"

# UPGRADING.md: its code is run as it is written there, and each of its statements has an example, here or elsewhere.
RSpec.describe "UPGRADING.md", :aggregate_failures do
  document = File.read(File.expand_path("../UPGRADING.md", __dir__))

  # @return [Array<String>] the blocks of code in that language, in their order
  code = lambda do |language|
    document.scan(/^( *)```#{language}\n(.*?)^\1```/m).map { |indent, text| text.gsub(/^#{indent}/, "") }
  end

  # Each item of its lists by its first words, with the examples that show it. What it says beside those: the names that
  # still work are in spec/rails (first documents, generators, tasks), spec/rack_middleware_spec.rb and
  # spec/configuration_spec.rb; what each version wrote is in spec/fixtures/rows.
  shown = {
    "Cookies of all versions are accepted" =>
      { old_rows: ["is read, and moves at its next save to its new key and form; the cookie stays",
                   "moves to a new, newly signed id when the session is renewed"],
        rack_middleware: ["holds an id and its HMAC-SHA256 under the secret key"] },
    "In Rails a cookie under the name" =>
      { upgrading: ["goes on, and gets Rails' name and keeps its value",
                    "is not looked for where the application names its cookie",
                    "may be another application's: it is no error"] },
    "Cookies signed with HMAC-MD5 are refused" =>
      { old_rows: ["is not found by a cookie of another key, nor with legacy_cookies: false",
                   "has sessions, and takes an old cookie as one that is not ours"] },
    "Rows of all versions are read" =>
      { old_rows: ["is read, and moves at its next save to its new key and form; the cookie stays",
                   "is over by max_stale and max_age, whatever the type of its times"] },
    "At its next save a row gets its new form" =>
      { old_rows: ["is read, and moves at its next save to its new key and form; the cookie stays",
                   "are a second read and one transaction, once",
                   "keeps what several requests change that meet it first, at the same time"] },
    "Rows in Marshal are read as plain data" =>
      { old_rows: ["is InvalidDataError and runs no code", "is read with :json_allow_marshal, and written where JSON",
                   "is read and written with :marshal"] },
    "With `compress` rows hold a Binary" =>
      { compression: ["is off where it is not asked for", "can be switched on", "can be switched off"] },
    "Saved as JSON, symbols become strings" =>
      { old_rows: ["is read, and moves at its next save to its new key and form; the cookie stays"],
        session_life: ["keeps everything that JSON can say"] },
    "Versions 2 to 4 wrote the current time" =>
      { old_rows: ["is read, and moves at its next save to its new key and form; the cookie stays"],
        upgrading: ["spares what a version without limits has left behind"] },
    "All options have kept their names" =>
      { configuration: ["are those of the documents", "stand in DEFAULTS and MEMBERS, under the names of old and new",
                        "are accepted under old names, after the present ones"] },
    "An option that does not exist" =>
      { rack_middleware: ["names an option that there is not"],
        configuration: ["are refused with the way out, where the built-in client does not have them"] },
    "`create_table` makes a table that is billed on demand" =>
      { configuration: ["is on demand where neither is given"], ruby_client: ["makes, finds and deletes tables"] },
    "Without `aws-sdk-dynamodb` in the Gemfile" =>
      { upgrading: ["is in the Gemfile as the document has it"],
        errors: ["is rescued by that gem's classes, by ours, and by StandardError"] },
    "Changes of one session by several requests" =>
      { concurrency: ["keep what each has put into it", "leave it as the last one saved it"] },
    "An unchanged session is written once" =>
      { session_life: ["is left alone before that", "is noted as used when touch_interval has passed"] },
    "Let 5.0 write what the old processes read" => { upgrading: ["are those of a rolling deployment"] },
    "Deploy 5.0, process by process" =>
      { upgrading: ["are those of a rolling deployment"],
        locking: ["is respected until it expires, then taken over by exactly one of those who wait"] },
    "When no old process is left" =>
      { upgrading: ["are those of a rolling deployment"],
        old_rows: ["may end, and begin again, while the fleet runs"] },
    "During steps 1 and 2" => { upgrading: ["are those of a rolling deployment"] },
    "After step 3, or without these steps" => { upgrading: ["logs out who has used the new version meanwhile"] }
  }

  it "says nothing that no example shows" do
    items = document.split("## From which version").last.scan(/^(?:- |\d\. )(.*)$/).flatten
    expect(items.reject { |item| shown.keys.any? { |words| item.start_with?(words) } }).to be_empty
    expect(shown.keys.reject { |words| items.any? { |item| item.start_with?(words) } }).to be_empty
    shown.values.flat_map(&:to_a).each do |file, examples|
      text = File.read(File.expand_path("#{file}_spec.rb", __dir__))
      examples.each { |example| expect(text).to match(/it "[^"]*#{Regexp.escape(example)}/), "#{file}: #{example}" }
    end
  end

  it "is in the Gemfile as the document has it" do
    gem, requirement = code["ruby"].first.match(/gem "(.*)", "(.*)"/).captures
    specification = Gem::Specification.load(File.expand_path("../#{gem}.gemspec", __dir__))
    expect(specification.name).to eq(gem)
    expect(Gem::Requirement.new(requirement)).to be_satisfied_by(specification.version)

    minimum = document.match(/Needed: Ruby ([\d.]+), Rack ([\d.]+)/).captures
    rack = specification.dependencies.find { |dependency| dependency.name == "rack" }
    expect([specification.required_ruby_version, rack.requirement]
      .zip(minimum).map { |required, version| required.satisfied_by?(Gem::Version.new(version)) }).to all(be(true))
    expect(specification.dependencies.map(&:name)).not_to include(/aws/)
  end

  secret = "the secret key of the old fleet"
  let(:recorder) { ErrorRecorder.new }
  let(:options) { raw.options.merge(secret_key: secret, error_handler: recorder) }

  attr_reader :raw

  def visitor(cookie = nil, **more)
    store = Aws::SessionStore::DynamoDB::RackMiddleware.new(Visitor::APPLICATION, options.merge(more))
    Visitor.new(store, cookie:)
  end

  def row(cookie, row_ids)
    Aws::SessionStore::DynamoDB::Table.item(cookie, options.merge(row_ids:))
  end

  def count(session)
    session["count"] = session["count"].to_i + 1
  end

  # The variables as the lines `export NAME=value` set them.
  def with_environment(shell)
    variables = shell.scan(/^export (\w+)=(.*)$/).to_h
    before = variables.keys.to_h { |name| [name, ENV.fetch(name, nil)] }
    ENV.update(variables)
    yield
  ensure
    ENV.update(before)
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

    describe "its steps" do
      { "0.5 to 3.0" => [:marshal, code["sh"][0]], "4.0" => [:json, code["sh"][1]] }
        .each do |versions, (format, shell)|
        it "are those of a rolling deployment, and of the way back, from #{versions}" do
          old = OldGem.new(raw, secret:, format:)
          cookie = old.create("count" => 1)
          began = nil
          with_environment(shell) do
            # Steps 1 and 2: each request meets the one or the other.
            visitor(cookie).visit { |session| count(session) }
            old.save(cookie, "count" => old.load(cookie)["count"] + 1)
            visitor(cookie).visit { |session| count(session) }
            began = visitor
            began.visit { |session| count(session) }
          end
          # The way back.
          expect([old.load(cookie), old.load(began.cookie)]).to eq([{ "count" => 4 }, { "count" => 1 }])

          # Step 3, while some processes still have the variables.
          without = visitor(cookie)
          without.visit { |session| count(session) }
          with_environment(shell) { visitor(cookie).visit { |session| count(session) } }
          without.visit { |session| count(session) }
          expect(without.cookie).to eq(cookie)
          expect(row(cookie, :public)).to be_nil
          expect(row(cookie,
                     :private)).to include("data" => { "S" => '{"count":7}' }, "updated_at" => { "N" => /\A\d/ })
          expect(recorder.errors).to be_empty
        end
      end
    end

    describe "going back without those steps" do
      it "logs out who has used the new version meanwhile, and nobody else" do
        old = OldGem.new(raw, secret:, format: :json)
        used, unused = Array.new(2) { old.create("count" => 1) }
        visitor(used).visit { |session| count(session) }
        began = visitor
        began.visit { |session| count(session) }
        expect([used, unused, began.cookie].map { |cookie| old.load(cookie) }).to eq([nil, { "count" => 1 }, nil])
      end
    end
  end

  describe "the garbage collection" do
    include_context "with a table of", Engines::Engine.new("DynamoDB Local", -> { DynamoDBLocal.endpoint },
                                                           "specs-#{SecureRandom.hex(6)}")

    it "spares what a version without limits has left behind" do
      ids = %w[3.0 4.0].map do |version|
        old = JSON.parse(File.read(File.expand_path("fixtures/rows/#{version}.json", __dir__)))
        raw.put([old])
        old["session_id"]["S"]
      end
      expect(Aws::SessionStore::DynamoDB::GarbageCollection.collect_garbage(raw.options).deleted).to eq(0)
      expect(raw.ids).to include(*ids)
    end
  end

  describe "its policies" do
    include_context "with a table of", Engines::Engine.new("DynamoDB Local", -> { DynamoDBLocal.endpoint },
                                                           "specs-#{SecureRandom.hex(6)}")
    let(:client) { RubyDynamoDBClient.new }

    policies = code["json"].map { |text| JSON.parse(text)["Statement"].flat_map { |statement| statement["Action"] } }

    # A transaction needs the permissions of its parts, and tags one of their own.
    def operations_of(operation, params)
      parts = params.fetch(:transact_items, []).flat_map(&:keys)
      return parts.map { |part| "#{part}_item" } unless parts.empty?

      [operation.to_s, *("tag_resource" if params.key?(:tags))]
    end

    def actions
      names = client.requests.flat_map { |request| operations_of(*request) }.uniq
      names.map { |name| "dynamodb:#{name.split("_").map(&:capitalize).join}" }
    end

    it "are what an application needs, whatever it does" do
      [{}, { enable_locking: true }, { row_ids: :public }].each do |more|
        cookie = OldGem.new(raw, secret:, format: :marshal).create("count" => 1)
        visitor = visitor(cookie, dynamo_db_client: client, touch_interval: 0, **more)
        visitor.visit { |session| count(session) }
        visitor.visit { |session| session["count"] }
        visitor.visit { |session| count(session) && session.options[:renew] = true }
        visitor.visit(&:destroy)
        visitor.visit { |session| count(session) }
      end
      expect(recorder.errors).to be_empty
      expect(actions).to match_array(policies[0])
    end

    it "are what garbage collection needs" do
      raw.put([{ "session_id" => { "S" => "old" }, "created_at" => { "N" => "1" }, "updated_at" => { "N" => "1" } }])
      result = Aws::SessionStore::DynamoDB::GarbageCollection
               .collect_garbage(raw.options.merge(dynamo_db_client: client, max_age: 60))
      expect(result.deleted).to eq(1)
      expect(actions).to match_array(policies[1])
    end

    it "are what the tasks for the table need" do
      # DynamoDB Local has no backups.
      client.define_singleton_method(:update_continuous_backups) do |params|
        @requests << [:update_continuous_backups, params]
        {}
      end
      table = { dynamo_db_client: client, table_name: "specs-#{SecureRandom.hex(6)}" }
      expect do
        Aws::SessionStore::DynamoDB::Table.create_table(
          table.merge(max_stale: 60, tags: { "team" => "web" }, point_in_time_recovery: true)
        )
        Aws::SessionStore::DynamoDB::Table.delete_table(table)
      end.to output(/created.*deleted/m).to_stdout
      expect(actions).to match_array(policies[2])
    end
  end

  describe "a Rails cookie under the name of old versions" do
    include_context "with a table of", Engines::Engine.new("the embedded engine", -> { "embedded" },
                                                           "specs-#{SecureRandom.hex(6)}")

    def rails(cookies, **more)
      store = ActionDispatch::Session::DynamodbStore.new(Visitor::APPLICATION, options.merge(more))
      browser = Rack::Test::Session.new(ActionDispatch::Cookies.new(store))
      cookies.each { |name, value| browser.set_cookie("#{name}=#{value}") }
      browser
    end

    def visit(browser, &block)
      visit = { block: }
      browser.get("/", {}, "specs.visit" => visit)
      visit[:result]
    end

    let(:cookie) { visitor.tap { |each| each.visit { |session| session["user_id"] = 42 } }.cookie }

    it "goes on, and gets Rails' name and keeps its value" do
      browser = rails({ "rack.session" => cookie })
      expect(visit(browser) { |session| session["user_id"] }).to eq(42)
      visit(browser) { |session| session["a"] = 1 }
      expect(browser.cookie_jar["_session_id"]).to eq(cookie)
      expect(visit(rails({ "_session_id" => cookie })) { |session| session["a"] }).to eq(1)
    end

    it "is not looked for where the application names its cookie" do
      expect(visit(rails({ "rack.session" => cookie }, key: "_shop")) { |session| session["user_id"] }).to be_nil
    end

    it "may be another application's: it is no error" do
      browser = rails({ "rack.session" => "BAh7CEkiD3Nlc3Npb25faWQGOgZFVA--2a8f" })
      expect(visit(browser) { |session| session["user_id"] }).to be_nil
      expect(recorder.errors).to be_empty
    end

    it "is worthless without a right signature" do
      expect(visit(rails({ "rack.session" => cookie }, secret_key: "another")) { |session| session["user_id"] })
        .to be_nil
    end

    it "goes behind a session under Rails' name" do
      other = visitor.tap { |each| each.visit { |session| session["user_id"] = 1 } }.cookie
      browser = rails({ "rack.session" => cookie, "_session_id" => other })
      expect(visit(browser) { |session| session["user_id"] }).to eq(1)
    end

    line = code["ruby"].last

    it "keeps its name by the document's line, for a fleet with old processes" do
      given = nil
      config = Object.new
      config.define_singleton_method(:session_store) { |*arguments| given = arguments }
      stub_const("Rails", Struct.new(:application).new(Struct.new(:config).new(config)))
      eval(line) # rubocop:disable Security/Eval -- as it stands in the document
      hide_const("Rails")
      store, given = given
      expect(store).to eq(:dynamodb_store)

      browser = rails({ "rack.session" => cookie }, **given)
      expect(visit(browser) { |session| session["user_id"] }).to eq(42)
      began = rails({}, **given)
      visit(began) { |session| session["user_id"] = 1 }
      expect(began.cookie_jar["rack.session"]).to match(/\A\h+--\h+\z/)
      expect(began.cookie_jar["_session_id"]).to be_nil
    end
  end
end
