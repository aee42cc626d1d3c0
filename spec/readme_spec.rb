# frozen_string_literal: true

require "aws-sessionstore-dynamodb"
require "open3"
require "support/child_server"
require "support/engines"
require "support/free_port"
require "support/http_client"
require "support/installed"
require "support/rails_application"
require "tmpdir"

# The README, run as it is written.
RSpec.describe "README", :aggregate_failures do
  let(:root) { File.expand_path("..", __dir__) }
  let(:readme) { File.read("#{root}/README.md") }

  # The text under a heading, up to the next of the same level.
  def section(heading)
    readme[/^## #{heading}\n(.*?)(?=^## |\z)/m, 1]
  end

  # The lines of indented blocks, each block's marks removed.
  def indented(heading)
    section(heading).scan(/(?:^ {4}.*\n|^\n(?= {4}))+/).map { |block| block.gsub(/^ {4}/, "").strip }
  end

  def fenced(heading)
    section(heading).scan(/^```ruby\n(.*?)^```/m).map(&:first)
  end

  it "has the options as they are" do
    table = readme[%r{<!-- options: .*?-->\n\n(.*)\n<!-- /options -->}m, 1]
    expect(table).to eq(Aws::SessionStore::DynamoDB::Options.to_markdown), "run `rake options`"
  end

  it "has the errors as they are" do
    named = section("Errors").scan(/^\| (`\w+`.*?) \|/).flatten.join.scan(/`(\w+Error)`/).flatten.map(&:to_sym)
    errors = Aws::SessionStore::DynamoDB::Errors
    ours = errors.constants.map { |name| errors.const_get(name) }
                 .select { |error| error.is_a?(Class) && error.superclass == errors::Error }
    expect(named).to match_array(ours.map { |error| error.name.split("::").last.to_sym })
  end

  it "points to files that exist" do
    links = Dir["#{root}/{*.md,docs/*.md}"].flat_map do |file|
      File.read(file).scan(/\]\(([^)#:]+)\)/).flatten.map { |link| File.expand_path(link, File.dirname(file)) }
    end
    expect(links).not_to be_empty
    expect(links.reject { |link| File.exist?(link) }).to eq([])
  end

  it "has an error handler that does what it says" do
    handler = Module.new.tap { |scope| scope.module_eval(fenced("Errors").first) }.const_get(:MyHandler).new
    errors = StringIO.new
    handler.handle_error(Aws::SessionStore::DynamoDB::Errors::ConflictError.new("changed"), { "rack.errors" => errors })
    expect(errors.string).to eq("session store: changed\n")
    expect { handler.handle_error(Aws::SessionStore::DynamoDB::Errors::NetworkError.new("gone")) }
      .to raise_error(Aws::SessionStore::DynamoDB::Errors::NetworkError)
  end

  each_engine do |engine|
    it "has a Rack quick start that works" do
      skip_without_gem "puma"
      Dir.mktmpdir do |folder|
        File.write("#{folder}/config.ru", fenced("Rack").first)
        address = "127.0.0.1:#{FreePort.find}"
        url = "http://#{address}"
        options = engine.options
        options[:endpoint] = "embedded:#{folder}/sessions.sqlite3" if options[:endpoint] == "embedded"
        # What a reader has in the environment; the rest is in the README's own lines.
        env = options.transform_keys { |name| "AWS_DYNAMO_DB_SESSION_#{name.upcase}" }
                     .merge("SECRET_KEY" => "secret", "RUBYLIB" => "#{root}/lib")
        puma = ["puma", "--silent", "--bind", "tcp://#{address}"]
        server = ChildServer.new(*puma, url: "#{url}/", log: "#{folder}/log", env:).start
        visitor = HttpClient.new(url)
        expect(Array.new(2) { visitor.get("/").body }).to eq(["Visit number 1\n", "Visit number 2\n"])
      ensure
        server&.stop
      end
    end

    it "has a Rails quick start that works" do
      app = RailsApplication.new
      options = app.use(engine)
      initializer = indented("Rails").find { |block| block.start_with?("# config/initializers/session_store.rb") }
      app.write("config/initializers/session_store.rb", initializer)
      indented("Rails").find { |block| block.start_with?("rails generate") }.lines.each do |line|
        app.run!(*line.sub(/\Arails/, "bin/rails").split)
      end
      expect(Aws::SessionStore::DynamoDB::Table.exist?(options)).to be(true)
      expect(app.run!("rake", "dynamo_db:session_store:create_table")).to include("already exists")
      expect(app.run!("rake", "dynamo_db:collect_garbage")).to include("0")
      expect(app.run!("rake", "dynamo_db:collect_garbage", env: { "DRY_RUN" => "1" })).to include("0")
    ensure
      app&.delete
    end
  end

  it "has a YAML file for a laptop that works" do
    yaml = indented("Rails").find { |block| block.start_with?("development:") }
    Dir.mktmpdir do |folder|
      File.write("#{folder}/dynamodb.yml", yaml)
      config = Aws::SessionStore::DynamoDB::Configuration.new(config_file: "#{folder}/dynamodb.yml")
      expect(config.endpoint).to eq("embedded:tmp/sessions.sqlite3")
    end
  end

  it "has a Rake task that works outside Rails" do
    Dir.mktmpdir do |folder|
      File.write("#{folder}/Rakefile", fenced("Expiry and garbage collection").first)
      env = { "AWS_DYNAMO_DB_SESSION_ENDPOINT" => "embedded:#{folder}/sessions.sqlite3" }
      Open3.capture2e(env, "ruby", "-I#{root}/lib", "-raws-sessionstore-dynamodb", "-e",
                      "Aws::SessionStore::DynamoDB::Table.create_table")
      output, status = Open3.capture2e(env, "ruby", "-I#{root}/lib", "-S", "rake", "garbage_collect", chdir: folder)
      expect(status).to be_success, output
      expect(output).to include("0")
    end
  end
end
