# frozen_string_literal: true

require "rails/version"
require "support/rails_application"
require "yaml"

RSpec.describe "The generators", :aggregate_failures do
  let(:app) { RailsApplication.new(*new_options) }
  let(:new_options) { [] }
  let(:template) { Aws::SessionStore::DynamoDB::Options.to_yaml_template }

  after { app.delete }

  def generate(*arguments, **options)
    app.run!("bin/rails", "generate", *arguments, **options)
  end

  def migration(class_name)
    <<~RUBY
      # frozen_string_literal: true

      # The table of the sessions, with the application's session options: those of config.session_store, of the
      # environment and of the YAML file.
      class #{class_name} < ActiveRecord::Migration[#{Rails::VERSION::MAJOR}.#{Rails::VERSION::MINOR}]
        def up
          Aws::SessionStore::DynamoDB::Table.create_table
        end

        def down
          Aws::SessionStore::DynamoDB::Table.delete_table
        end
      end
    RUBY
  end

  def migrations
    app.files("db/migrate/*").to_h { |file| [file, app.read(file)] }
  end

  def expect_migration(file_name, class_name)
    expect(migrations.keys).to match([%r{\Adb/migrate/\d{14}_#{file_name}\.rb\z}])
    expect(migrations.values).to eq([migration(class_name)])
  end

  shared_examples "a generator of a migration" do |generator, file_name, class_name|
    it "writes the migration #{file_name}, in the version of the Rails that runs" do
      generate(generator)
      expect_migration(file_name, class_name)
    end

    it "takes another name for the migration" do
      generate(generator, "MakeSessions")
      expect_migration("make_sessions", "MakeSessions")
    end

    it "refuses a name that cannot be one" do
      ["2sessions", "make sessions", "make.sessions"].each do |name|
        expect(generate(generator, name)).to include("#{name.inspect} cannot be the name of one", "CreateSessions")
      end
      expect(migrations).to be_empty
    end

    it "writes no second one when it runs again, and keeps one that was edited unless it is told to replace it" do
      generate(generator)
      before = migrations
      expect(generate(generator)).to match(%r{identical\s+db/migrate})
      expect(migrations).to eq(before)

      path, content = before.first
      app.write(path, "# edited\n")
      expect(generate(generator)).to include("Another migration is already named #{file_name}", "--force")
      generate(generator, "--skip")
      expect(migrations).to eq(path => "# edited\n")
      generate(generator, "--force")
      expect(migrations.values).to eq([content])
    end

    it "takes the migration away again with rails destroy" do
      generate(generator)
      app.run!("bin/rails", "destroy", generator)
      expect(migrations).to be_empty
    end

    context "without Active Record" do
      let(:new_options) { ["--skip-active-record"] }

      it "says that there are no migrations, and what to do instead" do
        output = generate(generator)
        expect(output).to include("does not load Active Record", "rake dynamo_db:session_store:create_table")
        expect(output.lines.grep(/\.rb:\d+/)).to be_empty
        expect(migrations).to be_empty
      end
    end
  end

  shared_examples "a generator of a configuration file" do |generator, path|
    it "writes #{path} with every option, commented out, for Rails to read" do
      expect(generate(*generator)).to match(/create\s+#{path}$/)
      expect(app.read(path)).to eq(template)
      expect(YAML.safe_load(app.read(path))).to be_nil.or be(false)

      app.edit(path, /^# table_name: sessions$/, "table_name: from-the-file")
      script = "puts Aws::SessionStore::DynamoDB::Configuration.new.table_name"
      expect(app.run!("bin/rails", "runner", script)).to eq("from-the-file\n")
    end

    it "asks before it replaces a file that was edited" do
      generate(*generator)
      app.write(path, "table_name: mine\n")
      generate(*generator, input: "n\n")
      generate(*generator, "--skip")
      expect(app.read(path)).to eq("table_name: mine\n")
      generate(*generator, "--force")
      expect(app.read(path)).to eq(template)
    end
  end

  describe "sessionstore:dynamodb" do
    it_behaves_like "a generator of a migration", "sessionstore:dynamodb", "sessionstore_migration",
                    "SessionstoreMigration"
    it_behaves_like "a generator of a configuration file", ["sessionstore:dynamodb"], "config/sessionstore/dynamodb.yml"

    it "writes the migration where the application has its migrations" do
      app.edit("config/application.rb", /^    config\.load_defaults.*/, '\0; config.paths["db/migrate"] = "db/changes"')
      generate("sessionstore:dynamodb")
      expect(app.files("db/**/*_sessionstore_migration.rb")).to match([%r{\Adb/changes/\d{14}_}])
    end

    context "without Active Record" do
      let(:new_options) { ["--skip-active-record"] }

      it "writes the configuration file all the same" do
        generate("sessionstore:dynamodb")
        expect(app.read("config/sessionstore/dynamodb.yml")).to eq(template)
      end
    end
  end

  describe "dynamo_db:session_store_migration" do
    it_behaves_like "a generator of a migration", "dynamo_db:session_store_migration",
                    "create_dynamo_db_sessions_table", "CreateDynamoDbSessionsTable"
  end

  describe "dynamo_db:session_store_config" do
    it_behaves_like "a generator of a configuration file", ["dynamo_db:session_store_config"],
                    "config/aws_dynamo_db_session_store.yml"

    describe "--environment" do
      it_behaves_like "a generator of a configuration file",
                      ["dynamo_db:session_store_config", "--environment=development"],
                      "config/aws_dynamo_db_session_store/development.yml"

      it "needs the name of an environment" do
        %w[--environment --environment= --environment=../secret].each do |option|
          expect(generate("dynamo_db:session_store_config", option)).to include("--environment needs the name")
        end
        expect(app.files("config/**/*session_store*")).to be_empty
      end
    end
  end

  it "are in the list of rails generate --help" do
    expect(app.run!("bin/rails", "generate", "--help"))
      .to include("sessionstore:dynamodb", "dynamo_db:session_store_config", "dynamo_db:session_store_migration")
  end
end
