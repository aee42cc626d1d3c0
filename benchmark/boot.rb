# frozen_string_literal: true

# What it takes to load the gem and to make its middleware, and then with the first request too, which makes the client
# and its connection: time and resident memory in a fresh process, beside the least client in Ruby and, where it is
# installed, the AWS SDK for Ruby. Loaded before is what an application of Rails has loaded anyway: Rack, ERB, JSON,
# OpenSSL, URI and YAML; of the row "under Rack alone", only Rack.
#
#   ruby -Ilib benchmark/boot.rb [--short] [--out DIR]
#
# The clients take turns; the figures are medians of the rounds.

require "English"
require_relative "support/engine"
require_relative "support/report"
require_relative "support/rounds"
require_relative "support/ruby_client"
require_relative "support/sessions_table"
require_relative "support/visitor"

module Benchmark
  # Fresh processes of each client.
  class Boot
    CLIENTS = { "gem" => "this gem", "bare" => "this gem, under Rack alone", "ruby" => "client in Ruby",
                "sdk" => "aws-sdk-dynamodb" }.freeze
    HEADINGS = ["", "loaded, ms", "KB", "first request made, ms", "KB"].freeze
    PROGRAM = File.join(__dir__, "support/boot.rb")
    private_constant :CLIENTS, :HEADINGS, :PROGRAM

    def initialize(url, report)
      options = SessionsTable.new(url).create.options
      cookie = Visitor.new(:read, options, bytes: 1024).cookie
      @session = [url, SessionsTable::NAME, cookie, Rack::Session::SessionId.new(cookie).private_id]
      @report = report
    end

    def run(rounds:)
      clients = CLIENTS.select { |client, _| available?(client) }
      measured = Rounds.new(rounds, clients.to_h { |client, _| [client, -> { boot(client) }] })
      rows = clients.map { |client, name| [name, *measured.median(client).map { |number| number.round(1) }] }
      @report.table("boot", HEADINGS, rows)
    end

    private

    def available?(client)
      case client
      when "ruby" then RubyClient.available?
      when "sdk" then Gem::Specification.any? { |gem| gem.name == "aws-sdk-dynamodb" }
      else true
      end
    end

    def boot(client)
      command = [RbConfig.ruby, "-I#{File.expand_path("../lib", __dir__)}", PROGRAM, client, *@session]
      output = IO.popen(command, &:readlines)
      $CHILD_STATUS.success? ? output.map { |line| Float(line) } : abort("#{client} failed")
    end
  end
end

report = Benchmark::Report.new
Benchmark::Engine.run do |url|
  Benchmark::Boot.new(url, report).run(rounds: report.short? ? 1 : 15)
end
