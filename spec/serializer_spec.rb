# frozen_string_literal: true

require "spec_helper"
require "aws-sessionstore-dynamodb"

RSpec.describe Aws::SessionStore::DynamoDB::Serializer do
  unreadable = Aws::SessionStore::DynamoDB::Errors::InvalidDataError

  {
    "a Hash of 2**30 keys" => "\x04\b{\x04\xFF\xFF\xFF\x3F",
    "a regular expression that is none" => "\x04\b/\x06(\x00",
    "arrays in arrays, too deep" => "\x04\b#{"[\x06" * 250_000}0",
    "half a String" => "\x04\b\"\x0Aab"
  }.each do |name, bytes|
    # The reader of plain data says itself what is wrong.
    { json: /row cannot be read: /, json_allow_marshal: /row cannot be read by the serializer/,
      marshal: /row cannot be read by the serializer/ }.each do |serializer, words|
      it "says of #{name} that it cannot be read (#{serializer})" do
        expect { described_class.load(described_class.for(serializer), [bytes].pack("m0")) }
          .to raise_error(unreadable, words)
      end
    end
  end

  it "lets an interrupt pass, which is no fault of the row" do
    own = Object.new
    def own.load(_data) = raise(Timeout::Error)
    expect { described_class.load(own, "…") }.to raise_error(Timeout::Error)
  end

  it "says so of whatever a serializer of one's own raises, without its words" do
    own = Object.new
    def own.load(_data) = raise(IndexError, "hush")
    expect { described_class.load(own, "…") }.to raise_error(unreadable) { |error|
      expect(error.message).to include("IndexError").and(satisfy { |text| !text.include?("hush") })
      expect(error.cause).to be_a(IndexError)
    }
  end
end
