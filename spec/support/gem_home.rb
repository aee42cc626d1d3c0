# frozen_string_literal: true

require "fileutils"
require "open3"

# A folder for gems with nothing in it. The gems of this process (Rack, and rb_sys, which builds extensions) are found
# beside it, but nothing of this checkout.
class GemHome
  # An application with the gem and Rack: two visits of one session, and what they were served by.
  VISITS = <<~RUBY
    gem "aws-sessionstore-dynamodb"
    require "aws-sessionstore-dynamodb"
    options = { secret_key: "a secret key", endpoint: "embedded" }
    Aws::SessionStore::DynamoDB::Table.create_table(options)
    application = lambda do |env|
      visits = env["rack.session"]["visits"].to_i + 1
      env["rack.session"]["visits"] = visits
      [200, { "content-type" => "text/plain" }, ["visit " + visits.to_s]]
    end
    store = Rack::MockRequest.new(Aws::SessionStore::DynamoDB::RackMiddleware.new(application, options))
    first = store.get("/")
    puts first.body, store.get("/", "HTTP_COOKIE" => first["set-cookie"][/\\A[^;]+/]).body
    puts $LOADED_FEATURES.grep(/aws_sessionstore_dynamodb/)
    puts Gem.loaded_specs.values.reject(&:default_gem?).map(&:name).sort.join(" ")
  RUBY

  attr_reader :folder

  def initialize(folder)
    FileUtils.rm_rf(folder)
    FileUtils.mkdir_p("#{folder}/specifications")
    @folder = folder
    add_rack_session if Gem::Specification.find_all_by_name("rack-session").empty?
  end

  # Without a registry. What the installation says; raises what it says where it fails.
  def install(gem, environment = {})
    # Not the command `gem`, which may not be in the PATH that is to be used.
    run(environment, Gem.ruby, "-rrubygems/gem_runner", "-e", "Gem::GemRunner.new.run(ARGV)", "--",
        "install", "--local", "--no-document", "--verbose", gem)
  end

  # What the two visitors got, the library's path, and the gems that were loaded.
  def visits(environment = {})
    run(environment, Gem.ruby, "-e", VISITS).lines(chomp: true).last(4)
  end

  private

  def run(environment, *command)
    own = { "GEM_HOME" => folder, "GEM_PATH" => Gem.path.join(File::PATH_SEPARATOR), "RUBYOPT" => nil, "RUBYLIB" => nil,
            "BUNDLE_GEMFILE" => nil }
    output, status = Open3.capture2e(own.merge(environment), *command, chdir: folder)
    raise "#{command.join(" ")} failed:\n#{output}" unless status.success?

    output
  end

  # Debian with Rack 2 has no package of rack-session, which has nothing in it there.
  def add_rack_session
    rack_session = Gem::Specification.new("rack-session", "1.0.2") do |gemspec|
      gemspec.summary = "In the place of the gem for Rack 2"
      gemspec.authors = ["The specs"]
      gemspec.add_dependency("rack", "< 3")
    end
    File.write("#{folder}/specifications/#{rack_session.full_name}.gemspec", rack_session.to_ruby)
  end
end
