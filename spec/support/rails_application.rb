# frozen_string_literal: true

require "fileutils"
require "open3"
require "rails/version"
require "tmpdir"

# A real Rails application in a folder of its own: made by the generator behind `rails new`, and worked on by its
# command lines. It loads this gem from here, and its gems without a Gemfile.
class RailsApplication
  # What a command printed, and how it ended.
  Outcome = Struct.new(:output, :status) do
    def success?
      status.success?
    end
  end

  LIB = File.expand_path("../../lib", __dir__)

  # Without what needs more gems than those of Rails; Rails 7 renamed one of the options, and no longer has another.
  NEW = [
    "--minimal", "--skip-bundle", "--skip-git", "--skip-test", "--skip-javascript", "--quiet",
    *(Rails::VERSION::MAJOR < 7 ? %w[--skip-sprockets --skip-listen] : %w[--skip-asset-pipeline])
  ].freeze

  # Variables of whoever runs the specs that would change what the application does.
  FOREIGN = /\A(AWS_|DYNAMO_DB_SESSION_|RAILS_|RACK_ENV|SECRET_KEY_BASE|DATABASE_URL)/

  attr_reader :root, :env

  # @param options [Array<String>] more options of `rails new`
  # @param env [Hash{String => String}] added to the environment of all commands
  def initialize(*options, env: {})
    @env = ENV.keys.grep(FOREIGN).to_h { |name| [name, nil] }
              .merge("RUBYLIB" => [LIB, ENV.fetch("RUBYLIB", nil)].compact.join(":"), **env)
    @root = File.join(Dir.mktmpdir, "shop")
    generate(options)
  end

  # Keeps the application's sessions on this engine, in a file where it is the embedded one: in its memory no two
  # processes would meet.
  #
  # @param engine [Engines::Engine]
  # @return [Hash] the options with which this process works on the same table
  def use(engine)
    options = engine.options
    options[:endpoint] = "embedded:#{root}/tmp/sessions.sqlite3" if options[:endpoint] == "embedded"
    @env.update(options.transform_keys { |name| "AWS_DYNAMO_DB_SESSION_#{name.upcase}" })
    options
  end

  # Asked without Rails, in a new process: the embedded engine does not notice when another one deletes a table.
  #
  # @return [Boolean] whether there is a table of this name on the engine that {#use} chose
  def table?(name)
    run!("ruby", "-raws-sessionstore-dynamodb", "-e", <<~RUBY) == "true"
      print Aws::SessionStore::DynamoDB::Table.exist?(table_name: "#{name}")
    RUBY
  end

  # @param command [Array<String>]
  # @return [Outcome]
  def run(*command, env: {}, input: "")
    output, status = Open3.capture2e(@env.merge(env), *command, chdir: root, stdin_data: input)
    Outcome.new(output, status)
  end

  # @return [String] what it printed
  # @raise [RuntimeError] where it failed
  def run!(*command, **options)
    outcome = run(*command, **options)
    outcome.success? || raise("#{command.join(" ")} failed. It printed:\n#{outcome.output}")
    outcome.output
  end

  # @return [Array<String>] paths of files, from the application's root
  def files(pattern)
    Dir.glob(pattern, base: root).sort
  end

  def read(path)
    File.read(File.join(root, path))
  end

  def write(path, content)
    file = File.join(root, path)
    FileUtils.mkdir_p(File.dirname(file))
    File.write(file, content)
  end

  # Replaces a part of a file.
  def edit(path, pattern, replacement)
    write(path, read(path).gsub(pattern, replacement))
  end

  # Deletes a part of the application, or all of it.
  def delete(path = "..")
    FileUtils.rm_rf(File.expand_path(path, root))
  end

  private

  def generate(options)
    script = 'require "rails/command"; Rails::Command.invoke(:application, ["new", *ARGV])'
    output, status = Open3.capture2e(@env, "ruby", "-e", script, root, *NEW, *options)
    status.success? || raise("rails new failed. It printed:\n#{output}")
    # Rails before 7.1 uses Logger without requiring it.
    write("config/boot.rb", "require \"logger\"\n")
    # What Bundler does for a gem in the Gemfile.
    edit("config/application.rb", /^Bundler\.require.*/, 'require "aws-sessionstore-dynamodb"')
  end
end
