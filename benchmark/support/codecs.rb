# frozen_string_literal: true

require "English"
require "tmpdir"

module Benchmark
  # The Rust crates that were candidates for the option `compress`, in a program of their own: benchmark/codecs.
  module Codecs
    ROOT = File.expand_path("../..", __dir__)
    private_constant :ROOT

    # @param texts [Array<String>]
    # @param iterations [Integer]
    # @return [Hash{String => Array}] by codec, of each text its compressed size in bytes and the microseconds to
    #   compress and to decompress it
    def self.measure(texts, iterations)
      Dir.mktmpdir do |folder|
        files = texts.each_index.map { |index| "#{folder}/#{index}" }
        files.zip(texts) { |file, text| File.binwrite(file, text) }
        lines = run(iterations, files).lines.map { |line| line.chomp.split("\t") }
        lines.group_by { |_, codec| codec }.transform_values do |rows|
          rows.map { |_, _, size, there, back| [size.to_i, there.to_i / 1e3, back.to_i / 1e3] }
        end
      end
    end

    def self.run(iterations, files)
      command = %w[cargo run --quiet --release --manifest-path benchmark/codecs/Cargo.toml --target-dir target/codecs]
      output = IO.popen([*command, "--", iterations.to_s, *files], chdir: ROOT, &:read)
      $CHILD_STATUS.success? ? output : abort("the codecs failed")
    end
    private_class_method :run
  end
end
