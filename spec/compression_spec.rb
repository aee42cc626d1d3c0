# frozen_string_literal: true

require "spec_helper"
require "aws-sessionstore-dynamodb"
require "support/sessions"
require "zlib"

# The option `compress`.
RSpec.describe Aws::SessionStore::DynamoDB::Compression do
  unreadable = Aws::SessionStore::DynamoDB::Errors::InvalidDataError
  text = ->(bytes) { Array.new(bytes / 20) { |number| format("This is line %06d\n", number) }.join.ljust(bytes) }
  cart = { "cart" => text[3000] }

  # Writes text that may begin with any byte.
  own = Class.new do
    def initialize(prefix) = @prefix = prefix
    def dump(session) = @prefix + JSON.generate(session)
    def load(data) = JSON.parse(data.delete_prefix(@prefix))
  end

  serializers = { json: :json, json_allow_marshal: :json_allow_marshal, marshal: :marshal,
                  "one's own": own.new("\x01x\x9C".encode("UTF-8", "ISO-8859-1")),
                  "one's own, like Marshal's": own.new("BAh-"), "one's own, nearly Marshal's": own.new("BAh") }

  def stored(visitor)
    row(visitor)["data"].keys.first
  end

  def reader(visitor, **options)
    Visitor.new(store(**options), cookie: visitor.cookie)
  end

  def put(visitor, data)
    config = Aws::SessionStore::DynamoDB::Configuration.new(options)
    id = Rack::Session::SessionId.new(visitor.cookie).private_id
    expect(Aws::SessionStore::DynamoDB::Native.store(config).save(id, [data, nil, nil], [:exists, nil]).first)
      .to be(:saved)
  end

  each_engine do |engine|
    include_context "with sessions", engine

    it "is off where it is not asked for" do
      expect(stored(visitor_with(**cart))).to eq("S")
    end

    it "makes the row smaller, so that it costs fewer capacity units" do
      config = Aws::SessionStore::DynamoDB::Configuration.new(options)
      measured = Aws::SessionStore::DynamoDB::Native.store(config).measured
      units = [false, { threshold: 1 }].map do |option|
        measured.create(SecureRandom.hex, [described_class.pack(JSON.generate(cart), option), nil, nil])
        Thread.current[:aws_session_store_stats][1]
      end
      expect(units).to eq([4.0, 1.0])
    end

    it "is for sessions of 891 bytes and more, which can take more than one capacity unit" do
      data = [890, 891].map do |bytes|
        stored(visitor_with("a" => " " * (bytes - JSON.generate("a" => "").bytesize), compress: true))
      end
      expect(data).to eq(%w[S B])
    end

    it "is for sessions of another size where one is given" do
      data = [99, 100].map do |bytes|
        stored(visitor_with("a" => " " * (bytes - JSON.generate("a" => "").bytesize), compress: { threshold: 100 }))
      end
      expect(data).to eq(%w[S B])
    end

    it "keeps the session as it is where that is no larger" do
      expect(stored(visitor_with("a" => "abcdef", compress: { threshold: 1 }))).to eq("S")
    end

    serializers.each do |name, serializer|
      it "gives back what was put in, with the serializer #{name}" do
        ada = visitor_with(**cart, "name" => "Ädä", serializer:, compress: true)
        expect(stored(ada)).to eq("B")
        expect(reader(ada, serializer:).visit { |session| session.to_hash.slice("cart", "name") })
          .to eq(**cart, "name" => "Ädä")
      end
    end

    it "compresses Marshal itself, not its Base64" do
      numbers = { "numbers" => (1..2000).to_a }
      size = row(visitor_with(**numbers, serializer: :marshal, compress: true))["data"]["B"].bytesize
      expect(size).to be < Zlib.deflate([Marshal.dump(numbers)].pack("m0")).bytesize * 0.8
    end

    it "can be switched on: what is not compressed is read, and compressed at its next change" do
      ada = visitor_with(**cart)
      bob = reader(ada, compress: true)
      expect(bob.visit { |session| session["cart"] }).to eq(cart["cart"])
      expect(stored(bob)).to eq("S")
      bob.visit { |session| session["name"] = "Ada" }
      expect(stored(bob)).to eq("B")
      expect(contents(ada)).to eq(**cart, "name" => "Ada")
    end

    it "can be switched off: what is compressed is read, and no more compressed from its next change on" do
      ada = visitor_with(**cart, compress: true)
      bob = reader(ada)
      expect(bob.visit { |session| session["cart"] }).to eq(cart["cart"])
      expect(stored(bob)).to eq("B")
      bob.visit { |session| session["name"] = "Ada" }
      expect(stored(bob)).to eq("S")
      expect(contents(ada)).to eq(**cart, "name" => "Ada")
    end

    [[true, true], [true, false], [false, true]].each do |mine, theirs|
      it "lets parallel requests keep all their changes (compress: #{mine} here, #{theirs} there)" do
        ada = visitor_with(**cart, compress: mine)
        ada.visit do |session|
          session["mine"] = 1
          reader(ada, compress: theirs).visit { |other| other["theirs"] = 2 }
        end
        expect(contents(ada)).to eq(**cart, "mine" => 1, "theirs" => 2)
        expect(stored(ada)).to eq(mine ? "B" : "S")
      end
    end

    it "lets a request save twice" do
      ada = visitor_with(**cart, compress: true, on_conflict: :raise)
      ada.visit do |session, request|
        session["name"] = "Ada"
        commit(request)
        session["name"] = "Bob"
      end
      expect(contents(ada)).to eq(**cart, "name" => "Bob")
    end

    it "goes with locks, renewal and the end of a session" do
      ada = visitor_with(**cart, compress: true, enable_locking: true)
      ada.visit { |session| session["name"] = "Ada" }
      ada.visit { |_, request| request.session_options[:renew] = true }
      expect([stored(ada), contents(ada)]).to eq(["B", { **cart, "name" => "Ada" }])
      ada.visit(&:destroy)
      expect(row(ada)).to be_nil
    end

    it "makes room in a row: its limit is for the compressed session" do
      large = { "text" => text[1_000_000] }
      ada = visitor_with(**large, compress: true)
      expect(contents(ada)).to eq(large)
      expect { visitor_with(**large) }.to raise_error(Aws::SessionStore::DynamoDB::Errors::SessionTooLargeError)
      expect { visitor_with("random" => SecureRandom.hex(450_000), compress: true) }
        .to raise_error(Aws::SessionStore::DynamoDB::Errors::SessionTooLargeError) { |error|
          expect(error.size).to be_between(450_000, 600_000)
        }
    end

    it "never writes what it would not read: sessions over 4 MB are too large" do
      expect { visitor_with("text" => " " * (described_class::MAX_BYTES - 20), compress: true) }.not_to raise_error
      expect { visitor_with("text" => " " * described_class::MAX_BYTES, compress: true) }
        .to raise_error(Aws::SessionStore::DynamoDB::Errors::SessionTooLargeError) { |error|
          expect(error.size).to be > described_class::MAX_BYTES
        }
    end

    it "gives a new session where the data is damaged, and leaves the row" do
      ada = visitor_with(**cart, compress: true)
      put(ada, "\x01damaged".b)
      recorder = ErrorRecorder.new
      bob = reader(ada, error_handler: recorder)
      bob.visit { |session| session["name"] = "Bob" }
      expect(recorder.errors).to match([an_instance_of(unreadable)])
      expect(bob.cookie).not_to eq(ada.cookie)
      expect(row(ada)["data"]).to eq("B" => "\x01damaged".b)
    end
  end

  context "with requests counted" do
    include_context "with a fault proxy"

    it "costs one read where the session is unchanged, whatever the option was when it was written" do
      [[true, true], [true, false], [false, true]].each do |written, read|
        ada = visitor_with(**cart, compress: written)
        expect(calls { Visitor.new(store(compress: read), cookie: ada.cookie).visit { |session| session["cart"] } })
          .to eq(%w[GetItem])
      end
    end
  end

  it "gives back each byte of Base64 that only looks like that of the serializers" do
    broken_lines = [Marshal.dump("a" => text[3000])].pack("m")
    expect(described_class.pack(broken_lines, { threshold: 1 }).encoding).to be(Encoding::BINARY)
    expect(described_class.unpack(described_class.pack(broken_lines, { threshold: 1 }))).to eq(broken_lines)
  end

  describe "damaged data" do
    packed = described_class.pack(JSON.generate(cart), { threshold: 1 })
    bomb = "\x01".b << Zlib.deflate("\0" * (described_class::MAX_BYTES * 5))
    {
      "nothing" => "".b,
      "the first byte only" => "\x01".b,
      "an unknown way of compression" => "\x07".b << packed.byteslice(1..),
      "half of it" => packed.byteslice(0, packed.bytesize / 2),
      "all but the last byte" => packed.byteslice(0, packed.bytesize - 1),
      "more after the end" => "#{packed}x".b,
      "a wrong checksum" => packed.dup.tap { |bytes| bytes.setbyte(-1, bytes.getbyte(-1) ^ 1) },
      "a dictionary that nobody has" => "\x01".b << Zlib::Deflate.new.tap { |z| z.set_dictionary("a") }.deflate("a", 4),
      "a bomb" => bomb
    }.each do |name, data|
      it "is said to be so: #{name}" do
        expect { described_class.unpack(data) }.to raise_error(unreadable, /row cannot be read: its data .*\./)
      end
    end

    it "takes no more memory than it may" do
      GC.start
      before = GC.stat(:malloc_increase_bytes)
      GC.disable
      expect { described_class.unpack(bomb) }.to raise_error(unreadable, /more than 4194304 bytes/)
      expect(GC.stat(:malloc_increase_bytes) - before).to be < described_class::MAX_BYTES * 4
    ensure
      GC.enable
    end

    it "is said to be so where the first byte is another one, by the serializer" do
      %i[json marshal].each do |name|
        serializer = Aws::SessionStore::DynamoDB::Serializer
        data = described_class.pack(serializer.dump(serializer.for(name), cart), { threshold: 1 })
        data.setbyte(0, 3 - data.getbyte(0))
        expect { serializer.load(serializer.for(name), described_class.unpack(data)) }.to raise_error(unreadable)
      end
    end

    it "is never an error of Ruby's, whatever bytes there are" do
      random = Random.new(1)
      2000.times do
        data = packed.dup
        # The first byte has no checksum: a wrong one makes what the serializer does not take.
        random.rand(1..4).times { data.setbyte(random.rand(1...data.bytesize), random.rand(256)) }
        expect(described_class.unpack(data)).to eq(JSON.generate(cart))
      rescue unreadable
        next
      end
    end
  end
end
