# frozen_string_literal: true

module ModelCheck
  # Looks for an order in which the operations on one session can have happened, one at a time, each at a moment between
  # its start and its finish. Where there is none, no correct session store can have done what was seen: the session is
  # not linearizable.
  class Explanation
    # So many orders are tried at most. Runs are small: it is never reached.
    BUDGET = 500_000
    private_constant :BUDGET

    # @param operations [Array<Operation>] on one session
    def initialize(operations)
      @operations = operations.sort_by(&:start)
      @required = (0...@operations.size).select { |index| @operations[index].required }
      @likeliest = (0...@operations.size).sort_by { |index| @operations[index].likelihood }
      @tried = {}
      @best = [-1]
    end

    # @return [String, nil] what cannot be explained, or nil
    def problem
      describe unless possible?(0, nil, -Float::INFINITY)
    end

    private

    # @param done [Integer] a bit for each operation that has happened
    # @param state [Operation::State, nil]
    # @param time [Float] no earlier than the start of what has happened
    def possible?(done, state, time)
      return true if finished?(done, state)
      return false if tried?(done, state)

      following(done, time).any? do |index|
        after = @operations[index].effect.call(state)
        next if after == :impossible

        result = possible?(done | (1 << index), after, [time, @operations[index].start].max)
        # What only looks may as well look now: if it fails with this order, it does with all in which it looks later.
        return result if after.equal?(state) && harmless?(index, done, time)

        result
      end
    end

    def finished?(done, state)
      left = @required.reject { |index| done.anybits?(1 << index) }
      happened = @required.size - left.size
      @best = [happened, done, state] if happened > @best.first
      left.empty?
    end

    def tried?(done, state)
      raise "more than #{BUDGET} orders to try.\n#{describe}" if @tried.size > BUDGET

      @tried.key?([done, state]) || !(@tried[[done, state]] = true)
    end

    # What can happen next: nothing that is left was over before it began. The likeliest first.
    def following(done, time)
      left = @likeliest.select { |index| done.nobits?(1 << index) }
      horizon = left.filter_map { |index| @operations[index].finish if @operations[index].required }.min
      left.select { |index| @operations[index].start <= horizon && @operations[index].finish >= time }
    end

    # Whether its happening now keeps nothing else from happening that may happen.
    def harmless?(index, done, time)
      following(done, time).all? do |other|
        @operations[other].required || @operations[other].finish >= @operations[index].start
      end
    end

    def describe
      _, done, state = @best
      left, happened = @operations.each_with_index.partition { |_, index| done.nobits?(1 << index) }
      "cannot be explained; at best up to #{state ? state.data : "no session"}, by\n#{list(happened)}\n  " \
        "but then not\n#{list(left)}"
    end

    def list(operations)
      operations.map { |operation, _| "    #{operation}" }.join("\n")
    end
  end
end
