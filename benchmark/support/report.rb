# frozen_string_literal: true

require "fileutils"
require "optparse"

module Benchmark
  # The command line of a benchmark, and its results: as a table in Markdown, and with `--out DIR` also as a file of
  # tab-separated values, for the plots.
  class Report
    # @return [Array<String>] the command line
    attr_reader :arguments

    # @yieldparam parser [OptionParser] for options of the benchmark's own
    def initialize(arguments = ARGV)
      @arguments = arguments.dup
      @short = false
      parser = OptionParser.new
      parser.on("--short", "only as long as it takes to see that it runs") { @short = true }
      parser.on("--out DIR", "also write the results there, as NAME.tsv") { |folder| @folder = folder }
      yield parser if block_given?
      rest = parser.parse(arguments)
      abort "unknown: #{rest.join(" ")}\n#{parser}" unless rest.empty?
    rescue OptionParser::ParseError => e
      abort "#{e.message}\n#{parser}"
    end

    # @return [Boolean] whether nobody will look at the figures
    def short?
      @short
    end

    # @param name [String] of the file
    # @param headings [Array<String>] of which the first is that of the rows' names
    # @param rows [Array<Array>] text, numbers to be written as they are, or nil
    def table(name, headings, rows)
      lines = [headings, *rows].map { |row| row.map(&:to_s) }
      write(name, lines) if @folder
      head, *rest = aligned(lines)
      # Names to the left, figures to the right.
      puts head, head.gsub(/[^|]/, "-").gsub("-|", ":|").sub(":|", "-|"), rest
    end

    private

    def aligned(lines)
      widths = lines.transpose.map { |cells| cells.map(&:length).max }
      lines.map do |cells|
        name, *figures = cells.zip(widths).map { |cell, width| cell.rjust(width) }
        "| #{[name.strip.ljust(widths.first), *figures].join(" | ")} |"
      end
    end

    def write(name, lines)
      FileUtils.mkdir_p(@folder)
      File.write(File.join(@folder, "#{name}.tsv"), lines.map { |cells| "#{cells.join("\t")}\n" }.join)
    end
  end
end
