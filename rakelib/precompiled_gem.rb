# frozen_string_literal: true

require "fileutils"
require "rubygems/package"

# A gem for this machine's platform, with a compiled library for each of its Rubies.
class PrecompiledGem
  include FileUtils

  LIBRARIES = "lib/aws/session_store/dynamo_db"
  LIBRARY = "aws_sessionstore_dynamodb"
  # What goes into it lies here, since what was compiled in lib/ does not belong to it.
  STAGE = "tmp/native/gem"
  # What a Ruby is asked: its version, where its headers are, and what it calls a library.
  QUESTION = <<~RUBY
    require "rb_sys"
    print [RUBY_VERSION[/\\d+\\.\\d+/], RbConfig::CONFIG["rubyhdrdir"], RbConfig::CONFIG["DLEXT"]].join("\\n")
  RUBY
  private_constant :LIBRARIES, :LIBRARY, :STAGE, :QUESTION

  # @param source [Gem::Specification] the gem with its sources
  # @param candidates [Array<String>] Rubies; of two with the same version the first is taken
  def initialize(source, candidates)
    @source = source
    @candidates = candidates
  end

  # @return [String] the gem's path
  def build
    rm_rf STAGE
    libraries = rubies.map { |version, (ruby, ending)| compile(version, ruby, ending) }
    gemspec = specification(libraries)
    (gemspec.files - libraries).each { |path| copy(path, path) }
    mkdir_p "pkg"
    target = File.expand_path(gemspec.file_name, "pkg")
    chdir(STAGE) { Gem::Package.build(gemspec, false, false, target) }
    target
  end

  private

  # The Rubies to compile for, in the order of their versions, and their libraries' ending: [version, [path, ending]].
  def rubies
    found = @candidates.uniq.each_with_object({}) do |ruby, rubies|
      version, headers, ending = answers(ruby)
      next warn("#{ruby} is left out: it does not run, or has no gem rb_sys") unless version
      next warn("#{ruby} is left out: it has no headers in #{headers}") unless File.exist?("#{headers}/ruby.h")

      rubies[version] ||= [ruby, ending]
    end
    raise "no Ruby to compile for among #{@candidates.join(", ")}" if found.empty?

    found.sort_by { |version, _| Gem::Version.new(version) }
  end

  def answers(ruby)
    IO.popen([ruby, "-e", QUESTION], err: File::NULL, &:read).lines(chomp: true)
  rescue SystemCallError
    []
  end

  def compile(version, ruby, ending)
    build = "tmp/native/#{version}"
    mkdir_p build
    chdir build do
      system(ruby, File.expand_path("../../../ext/#{LIBRARY}/extconf.rb"), exception: true)
      system("make", exception: true)
    end
    "#{LIBRARIES}/#{version}/#{LIBRARY}.#{ending}".tap { |path| copy("#{build}/#{LIBRARY}.#{ending}", path) }
  end

  def copy(path, staged)
    mkdir_p File.dirname("#{STAGE}/#{staged}")
    cp path, "#{STAGE}/#{staged}"
  end

  # Without sources, and without what builds them.
  def specification(libraries)
    versions = libraries.map { |path| File.basename(File.dirname(path)) }
    @source.dup.tap do |gemspec|
      gemspec.platform = Gem::Platform.local
      gemspec.required_ruby_version = [">= #{versions.first}", "< #{versions.last.succ}.dev"]
      gemspec.extensions = []
      gemspec.dependencies.reject! { |dependency| dependency.name == "rb_sys" }
      gemspec.files = @source.files.grep_v(%r{\Aext/|\ACargo\.}) + libraries
    end
  end
end
