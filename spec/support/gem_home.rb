# frozen_string_literal: true

require "fileutils"
require "open3"

# A folder for gems with nothing in it. The gems of this process (Rack, and rb_sys, which builds extensions) are found
# beside it, but nothing of this checkout.
class GemHome
  VISITS = File.expand_path("visits.rb", __dir__)
  private_constant :VISITS

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

  # What the two visits got, the native library's path, and the gems that were loaded beside Ruby's own.
  def visits(environment = {})
    run(environment, Gem.ruby, VISITS).lines(chomp: true).last(4)
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
