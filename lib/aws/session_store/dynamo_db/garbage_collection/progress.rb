# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  module GarbageCollection
    # A line on the terminal that says how far a collector is.
    #
    # @api private
    class Progress
      # Seconds.
      INTERVAL = 1
      private_constant :INTERVAL

      # Back to the beginning of the line, and clear it.
      REWRITE = "\r\e[K"
      private_constant :REWRITE

      # @param collector [Native::Collector]
      # @param output [IO] nothing is shown on what is not a terminal
      # @yieldreturn [Object] when the collector has finished
      # @return [Object] what the block returns
      def self.show(collector, output, &)
        terminal = output.respond_to?(:tty?) && output.tty?
        terminal ? new(collector, output).show(&) : yield
      end

      def initialize(collector, output)
        @collector = collector
        @output = output
      end

      def show
        thread = Thread.new do
          loop do
            rewrite
            sleep INTERVAL
          end
        end
        yield
      ensure
        thread.kill.join
        rewrite
        @output.print("\n")
      end

      private

      def rewrite
        text = format("%<scanned>d sessions scanned, %<garbage>d of them garbage, %<deleted>d deleted, " \
                      "%<consumed_capacity>.1f capacity units consumed", @collector.counts)
        @output.print(REWRITE, text)
        @output.flush
      end
    end
  end
end
