# frozen_string_literal: true

require "aws-sessionstore-dynamodb"
require "support/engines"
require "support/rails_application"

RSpec.describe "The Rake tasks", :aggregate_failures do
  let(:app) { RailsApplication.new("--skip-active-record") }
  let(:table_name) { "tasks-#{SecureRandom.hex(6)}" }

  # The table's name and the limit are options of the application alone, and nowhere in the environment.
  before do
    app.write("config/initializers/session_store.rb", <<~RUBY)
      Rails.application.config.session_store :dynamodb_store, table_name: "#{table_name}", max_age: 1.hour
    RUBY
  end

  after { app.delete }

  def rake(*tasks, **env)
    app.run!("rake", *tasks, env: env.transform_keys(&:to_s))
  end

  each_engine do |engine|
    let(:options) { app.use(engine).merge(table_name:) }

    it "create the application's table, and delete it" do
      options
      expect(rake("dynamo_db:session_store:create_table"))
        .to eq("Table #{table_name} created, waiting for activation...\nTable #{table_name} is now ready to use.\n")
      expect(app.table?(table_name)).to be(true)
      expect(rake("dynamo_db:session_store:create_table"))
        .to eq("Table #{table_name} already exists, skipping creation.\n")

      expect(rake("dynamo_db:session_store:delete_table")).to eq("Table #{table_name} deleted.\n")
      expect(app.table?(table_name)).to be(false)
      expect(rake("dynamo_db:session_store:delete_table")).to eq("Table #{table_name} does not exist.\n")
    end

    it "examine what the application is configured with, and fail where something is wrong" do
      options
      outcome = app.run("rake", "dynamo_db:session_store:doctor")
      expect(outcome).not_to be_success
      expect(outcome.output).to include("problem  table: \"#{table_name}\" does not exist")

      rake("dynamo_db:session_store:create_table")
      expect(rake("dynamo_db:session_store:doctor"))
        .to include("table_name \"#{table_name}\" (config.session_store)")
        .and include("ok       secret_key: there is one")
        .and end_with("0 problems, 0 warnings.\n")
    end

    describe "that collect garbage" do
      let(:store) do
        Aws::SessionStore::DynamoDB::Native.store(Aws::SessionStore::DynamoDB::Configuration.new(options))
      end

      before { expect { Aws::SessionStore::DynamoDB::Table.create_table(options) }.to output(/created/).to_stdout }

      # Rows whose id says how many minutes ago they were created.
      def create_rows(*minutes)
        minutes.each { |age| store.create(age.to_s, ["{}", Time.now.to_f - (age * 60), nil]) }
      end

      def rows(*minutes)
        minutes.select { |age| store.item(age.to_s) }
      end

      %w[dynamo_db:collect_garbage dynamo_db:session_store:clean db:sessions:cleanup].each do |task|
        it "delete by #{task} what is past the application's limit, and say what they did" do
          create_rows(10, 70, 80)
          expect(rake(task)).to match(/\ASessions scanned: 3, deleted: 2, .* limits: max_age 3600 s\.\n\z/)
          expect(rows(10, 70, 80)).to eq([10])
        end
      end

      it "say that sessions do not expire where the application sets no limit" do
        app.edit("config/initializers/session_store.rb", ", max_age: 1.hour", "")
        create_rows(70)
        expect(rake("dynamo_db:collect_garbage")).to include("sessions do not expire")
        expect(rows(70)).to eq([70])
      end

      it "delete nothing with DRY_RUN=1" do
        create_rows(10, 70)
        expect(rake("dynamo_db:collect_garbage", DRY_RUN: "1")).to include("scanned: 2, to be deleted: 1 (dry run")
        expect(rows(10, 70)).to eq([10, 70])
      end

      it "share the table with SEGMENT and TOTAL_SEGMENTS" do
        minutes = (61..90).to_a
        create_rows(*minutes)
        rake("dynamo_db:collect_garbage", SEGMENT: "0", TOTAL_SEGMENTS: "2", MAX_CAPACITY: "100")
        left = rows(*minutes)
        expect(left.size).to be_between(1, minutes.size - 1)
        rake("dynamo_db:collect_garbage", SEGMENT: "1", TOTAL_SEGMENTS: "2")
        expect(rows(*minutes)).to be_empty
      end
    end
  end

  it "refuse what cannot be a value of their variables" do
    app.use(Engines::Engine.new("the embedded engine", -> { "embedded" }, table_name))
    { DRY_RUN: "perhaps", SEGMENT: "two", TOTAL_SEGMENTS: "0", MAX_CAPACITY: "-1" }.each do |name, value|
      outcome = app.run("rake", "dynamo_db:collect_garbage", env: { name.to_s => value })
      expect(outcome).not_to be_success
      expect(outcome.output).to match(/#{name}: expected .*, got "#{value}"/i)
    end
  end

  it "are in the list of rake --tasks" do
    expect(rake("--tasks").scan(/rake (\w+:\S+)/).flatten)
      .to include("dynamo_db:collect_garbage", "dynamo_db:session_store:create_table",
                  "dynamo_db:session_store:delete_table", "dynamo_db:session_store:doctor",
                  "dynamo_db:session_store:clean", "db:sessions:cleanup")
  end
end
