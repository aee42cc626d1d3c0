# frozen_string_literal: true

require "aws-sessionstore-dynamodb"
require "support/engines"
require "support/rails_application"

# "Rails Installation" in the documents of 2013 to 2016, to the letter.
RSpec.describe "A Rails application by the first documents", :aggregate_failures do
  let(:app) { RailsApplication.new }

  before do
    app.write("config/initializers/session_store.rb", <<~RUBY)
      Shop::Application.config.session_store :dynamodb_store
    RUBY
    app.write("config/routes.rb", <<~RUBY)
      Rails.application.routes.draw { resource :count, only: :show }
    RUBY
    app.write("app/controllers/counts_controller.rb", <<~RUBY)
      class CountsController < ActionController::Base
        def show
          session[:count] = session.fetch(:count, 0) + 1
          render plain: session[:count]
        end
      end
    RUBY
    app.write("visit.rb", <<~RUBY)
      response = Rack::MockRequest.new(Rails.application).get("/count", "HTTP_HOST" => "localhost",
                                                                        "HTTP_COOKIE" => ENV.fetch("COOKIE", ""))
      puts response.body, Array(response["Set-Cookie"]).join("; ").split(";").first
    RUBY
  end

  after { app.delete }

  # The count that the visitor sees, and the session's cookie: all that the process may print.
  def visit(cookie = nil)
    output = app.run!("bin/rails", "runner", "visit.rb", env: { "COOKIE" => cookie })
    count, set_cookie, *rest = output.lines.map(&:chomp)
    expect(rest).to be_empty
    [count, cookie || set_cookie]
  end

  each_engine do |engine|
    it "generates, migrates, has sessions, and rolls back" do
      options = app.use(engine)
      expect(app.run!("bin/rails", "generate", "sessionstore:dynamodb"))
        .to match(%r{create\s+config/sessionstore/dynamodb.yml\s+create\s+db/migrate/\d+_sessionstore_migration.rb})
      expect(app.table?(engine.table_name)).to be(false)

      expect(app.run!("rake", "db:migrate")).to include("Table #{engine.table_name} is now ready to use.")
      expect(app.table?(engine.table_name)).to be(true)

      count, cookie = visit
      expect(count).to eq("1")
      expect(visit(cookie)).to eq(["2", cookie])
      row = Aws::SessionStore::DynamoDB::Table.item(cookie[/=(.*)/, 1], options)
      expect(row.fetch("data")).to eq("S" => '{"count":2}')

      expect(app.run!("rake", "db:rollback")).to include("Table #{engine.table_name} deleted.")
      expect(app.table?(engine.table_name)).to be(false)
    end
  end

  it "runs on the embedded engine with two lines of the generated file uncommented" do
    app.run!("bin/rails", "generate", "sessionstore:dynamodb")
    app.edit("config/sessionstore/dynamodb.yml", /^# (development:|  endpoint: embedded:.+)$/, '\1')
    app.run!("rake", "db:migrate")
    expect(app.files("tmp/*.sqlite3")).to eq(["tmp/sessions.sqlite3"])
    _, cookie = visit
    expect(visit(cookie).first).to eq("2")
  end

  it "may call the store by the name that it had in aws-actiondispatch-dynamodb, for the same sessions" do
    app.env["AWS_DYNAMO_DB_SESSION_ENDPOINT"] = "embedded:tmp/sessions.sqlite3"
    app.run!("rake", "dynamo_db:session_store:create_table")
    _, cookie = visit
    app.write("config/initializers/session_store.rb", "Rails.application.config.session_store :dynamo_db_store\n")
    expect(visit(cookie)).to eq(["2", cookie])
    expect(app.read("log/development.log")).not_to match(/deprecat|rename|no longer|warn/i)
  end
end
