# frozen_string_literal: true

require "optparse"
require_relative "prices"

module Benchmark
  module Scale
    # The command line of `benchmark/scale.rb`.
    class Options
      # @return [Hash] of {Workload}
      attr_reader :workload

      # @return [Hash] of {Collection}, without the rows
      attr_reader :collection

      # @return [Prices]
      attr_reader :prices

      # @return [Float]
      attr_reader :utilization

      # @param arguments [Array<String>]
      # @raise [OptionParser::ParseError] for what cannot be understood
      def initialize(arguments)
        @workload = { requests: 1000.0, sessions: 1e6, active: 10_000.0, sizes: { 1024 => 1.0 }, loaded: 1.0,
                      changed: 0.1, touch_interval: 60.0, consistent: true, locking: false, expires: false }
        @collection = { garbage: 0.5, max_capacity: 1000.0, machines: 1 }
        @prices = Prices::LIST.dup
        @utilization = 0.7
        parser.parse!(arguments)
        raise OptionParser::NeedlessArgument, arguments.first unless arguments.empty?
      end

      private

      def parser
        OptionParser.new do |parser|
          parser.banner = "Usage: ruby benchmark/scale.rb [options]"
          define_workload(parser)
          define_collection(parser)
          define_prices(parser)
        end
      end

      def define_workload(parser)
        number(parser, @workload, :requests, "requests a second")
        number(parser, @workload, :sessions, "rows of the table")
        number(parser, @workload, :active, "sessions that are used at the same time")
        parser.on("--sizes BYTES:SHARE,…", Array, "bytes of a session's data, and the share that has them") do |sizes|
          @workload[:sizes] = sizes.to_h { |size| parse_size(size) }
        end
        number(parser, @workload, :loaded, "share of the requests that load a session")
        number(parser, @workload, :changed, "share of the requests that change it")
        number(parser, @workload, :touch_interval, "seconds")
        parser.on("--[no-]consistent", "strongly consistent reads (yes)") { |on| @workload[:consistent] = on }
        parser.on("--[no-]locking", "with enable_locking (no)") { |on| @workload[:locking] = on }
        parser.on("--[no-]expires", "with max_age, max_stale or expire_after (no)") { |on| @workload[:expires] = on }
      end

      def define_collection(parser)
        number(parser, @collection, :garbage, "share of the rows that are over")
        number(parser, @collection, :max_capacity, "capacity units a second of a collecting machine")
        number(parser, @collection, :machines, "machines that collect")
      end

      def define_prices(parser)
        parser.on("--utilization SHARE", Float, "of provisioned capacity (#{@utilization})") { |on| @utilization = on }
        @prices.each_pair do |name, price|
          parser.on("--#{name.to_s.tr("_", "-")} DOLLARS", Float, "price (#{price})") { |on| @prices[name] = on }
        end
      end

      def number(parser, values, name, meaning)
        default = values[name].to_s.delete_suffix(".0")
        parser.on("--#{name.to_s.tr("_", "-")} N", Float, "#{meaning} (#{default})") { |value| values[name] = value }
      end

      def parse_size(text)
        bytes, share = text.split(":", 2)
        [Integer(bytes, 10), Float(share || 1)]
      rescue ArgumentError
        raise OptionParser::InvalidArgument, "--sizes expects BYTES:SHARE, got #{text}"
      end
    end
  end
end
