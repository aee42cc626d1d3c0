# frozen_string_literal: true

require_relative "version"

module Aws::SessionStore::DynamoDB
  # Loads the shared library of the Rust core. A precompiled gem has one for each Ruby version, in a folder with that
  # version's name; a gem from source, and a checkout, has the one that was built for the Ruby at hand.
  #
  # @api private
  class NativeLibrary
    NAME = "aws_sessionstore_dynamodb"
    # What Ruby can load as a shared library, on Linux and macOS.
    ENDINGS = "{so,bundle}"
    private_constant :ENDINGS

    # @param folder [String] where the precompiled libraries' folders are
    # @param built [String] what is required where no precompiled library can be loaded: from the load path, since
    #   RubyGems can be told to keep extensions in a folder of their own
    # @param ruby_version [String]
    def initialize(folder: __dir__, built: "aws/session_store/dynamo_db/#{NAME}", ruby_version: RUBY_VERSION)
      @folder = folder
      @built = built
      @precompiled = File.join(folder, ruby_version[/\A\d+\.\d+/], NAME)
    end

    # @return [void]
    # @raise [LoadError] what was looked for, what was found, and what to do
    def load
      refusals = [@precompiled, @built].each_with_object({}) do |path, refused|
        # Ruby takes 15 ms to say what is not there.
        next refused[path] = "no such file" if path == @precompiled && Dir.glob("#{path}.*").empty?

        return require(path)
      rescue LoadError => e
        refused[path] = e.message
      end
      raise LoadError, message(refusals)
    end

    private

    def message(refusals)
      <<~TEXT
        The native library of aws-sessionstore-dynamodb #{VERSION} cannot be loaded into Ruby #{RUBY_VERSION} (#{RUBY_PLATFORM}).
        Looked for:
        #{list(refusals.map { |path, refusal| "#{path}: #{refusal}" })}
        Found:
        #{list(found)}
        What to do, with Rust, a C compiler and libclang installed:
        #{list(remedies)}
      TEXT
    end

    def list(lines)
      lines.map { |line| "  #{line}" }.join("\n")
    end

    def found
      patterns = [File.join(@folder, "[0-9]*", NAME)] + $LOAD_PATH.map { |folder| File.join(folder.to_s, @built) }
      files = Dir.glob(patterns.map { |pattern| "#{pattern}.#{ENDINGS}" }).uniq
      files.empty? ? ["no library"] : files
    end

    def remedies
      [
        "a gem that was installed: gem install aws-sessionstore-dynamodb --platform ruby",
        "with Bundler: gem \"aws-sessionstore-dynamodb\", force_ruby_platform: true",
        "a checkout: rake compile"
      ]
    end
  end
end
