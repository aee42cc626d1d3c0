# frozen_string_literal: true

# What the option `compress` saves in DynamoDB's capacity units, and what it costs in CPU, on sessions as applications
# have them.
#
#   ruby -Ilib benchmark/compression.rb [ITERATIONS]            # 200; CI: 2
#   CRATES=1 ruby -Ilib benchmark/compression.rb [ITERATIONS]   # also the codecs that were candidates (needs cargo)
#
# Units are what an engine says that one save and one strongly consistent load consume. "in S" is the compressed session
# in Base64, as it would lie in a String; "in B" what the gem does. CPU is that of one call.

require_relative "support/codecs"
require_relative "support/sample_sessions"
require "aws-sessionstore-dynamodb"
require "securerandom"
require "zlib"

module Benchmark
  # Each sample session under each serializer of the gem.
  class Compression
    GEM = Aws::SessionStore::DynamoDB
    SERIALIZERS = { "JSON" => GEM::Serializer.for(:json), "Marshal" => GEM::Serializer.for(:marshal) }.freeze
    ALWAYS = { threshold: 0 }.freeze
    OPTIONS = { endpoint: "embedded", region: "us-east-1", access_key_id: "test", secret_access_key: "test",
                table_name: "compression" }.freeze
    private_constant :GEM, :SERIALIZERS, :ALWAYS, :OPTIONS

    def initialize(iterations)
      @iterations = iterations
      @texts = SERIALIZERS.flat_map do |name, serializer|
        SampleSessions.all.map { |label, session| [name, label, GEM::Serializer.dump(serializer, session)] }
      end
      GEM::Table.create_table(OPTIONS)
      @store = GEM::Native.store(GEM::Configuration.new(OPTIONS)).measured
    end

    # The gem, session by session.
    def print
      puts "", format(HEAD, "serializer", "session", "bytes", "compressed", "writes", "in S", "in B", "reads", "in B",
                      "compress", "back")
      @texts.each { |serializer, label, text| print_session(serializer, label, text) }
    end

    # All codecs: sums over the sessions that `compress: true` is for, the largest by itself.
    def print_codecs
      threshold = GEM::Configuration.new(compress: true).compress[:threshold]
      @texts.select { |*, text| text.bytesize >= threshold }
            .group_by { |serializer, _, text| "#{serializer}, #{text.bytesize > LARGE ? "about 70" : "1 to 20"} KB" }
            .each { |group, texts| print_group(group, texts.map(&:last)) }
    end

    private

    HEAD = "%-10s %-32s %6s %10s  %6s %4s %4s  %5s %4s  %10s %8s"
    SESSION = "%-10s %-32s %6d %10d  %6d %4d %4d  %5d %4d  %7.1f µs %5.1f µs"
    CODEC_HEAD = "%-20s %10s  %6s %4s %4s  %10s %9s"
    CODEC = "%-20s %10d  %6d %4d %4d  %7.1f µs %6.1f µs"
    # Bytes: between the two largest sample sessions.
    LARGE = 32 * 1024
    private_constant :LARGE, :HEAD, :SESSION, :CODEC_HEAD, :CODEC

    def print_group(group, texts)
      puts "", format(CODEC_HEAD, group, "compressed", "writes", "in S", "in B", "compress", "back")
      writes = texts.sum { |text| units(text).first }
      codecs(texts).each { |name, results| print_codec(name, writes, results) }
    end

    def print_session(serializer, label, text)
      packed = GEM::Compression.pack(text, ALWAYS)
      before = units(text)
      after = units(packed)
      puts format(SESSION, serializer, label, text.bytesize, packed.bytesize,
                  before.first, units(in_base64(packed.bytesize)).first, after.first, before.last, after.last,
                  microseconds { GEM::Compression.pack(text, ALWAYS) },
                  microseconds { GEM::Compression.unpack(packed) })
    end

    # Of each text, by codec: compressed size in bytes, microseconds to compress and to decompress.
    def codecs(texts)
      raw = texts.map { |text| GEM::Serializer.marshalled(text) || text }
      zlib = %w[1 6 9].to_h { |level| ["Zlib #{level}", measure(raw, Zlib, :deflate, level.to_i, :inflate)] }
      base64 = { "Zlib 6 on Base64" => measure(texts, Zlib, :deflate, 6, :inflate) }
      { "the gem" => measure(texts, GEM::Compression, :pack, ALWAYS, :unpack), **zlib, **(raw == texts ? {} : base64) }
        .merge(Codecs.measure(raw, @iterations))
    end

    def measure(texts, codec, compress, option, decompress)
      texts.map do |text|
        packed = codec.public_send(compress, text, option)
        [packed.bytesize, microseconds { codec.public_send(compress, text, option) },
         microseconds { codec.public_send(decompress, packed) }]
      end
    end

    def print_codec(name, writes, results)
      sizes, there, back = results.transpose
      puts format(CODEC, name, sizes.sum, writes, sizes.sum { |size| units(in_base64(size)).first },
                  sizes.sum { |size| units("x".b * size).first }, there.sum, back.sum)
    end

    # A row as the gem writes it, under a key as long as the gem's: capacity units of a save and of a load.
    def units(data)
      id = "2::#{SecureRandom.hex(32)}"
      [-> { @store.create(id, [data, nil, 3600.0]) }, -> { @store.load(id) }].map do |call|
        call.call
        Thread.current[:aws_session_store_stats][1]
      end
    end

    def in_base64(bytes)
      "x" * (bytes.fdiv(3).ceil * 4)
    end

    def microseconds(&)
      (@iterations / 10).times(&)
      start = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID)
      @iterations.times(&)
      (Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID) - start) / @iterations * 1e6
    end
  end
end

benchmark = Benchmark::Compression.new(Integer(ARGV.fetch(0, "200")))
benchmark.print
benchmark.print_codecs if ENV["CRATES"]
