# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  module Doctor
    # Prints what is found, line by line, and counts.
    #
    # @api private
    class Report
      INDENT = " " * "problem  ".length
      private_constant :INDENT

      # @param output [#puts]
      def initialize(output)
        @output = output
        @counts = Hash.new(0)
      end

      # @param finding [String]
      def ok(finding)
        print("ok", finding)
      end

      # @param finding [String] what may be meant to be so
      # @param advice [String, nil] what to do about it
      def warning(finding, advice = nil)
        print("warning", finding, advice)
      end

      # @param finding [String] what keeps sessions from working
      # @param advice [String, nil] what to do about it
      def problem(finding, advice = nil)
        print("problem", finding, advice)
      end

      # @param text [String] more on the last finding
      def detail(text)
        note("#{INDENT}#{text}")
      end

      # @param text [String] as it is
      def note(text)
        @output.puts(text)
      end

      # @return [Boolean] whether there was no problem
      def conclude
        counts = %w[problem warning].map { |level| "#{@counts[level]} #{level}#{"s" unless @counts[level] == 1}" }
        note("\n#{counts.join(", ")}.")
        @counts["problem"].zero?
      end

      private

      def print(level, finding, advice = nil)
        @counts[level] += 1
        note(level.ljust(INDENT.length) + finding)
        detail("-> #{advice}") if advice
        level == "ok"
      end
    end
  end
end
