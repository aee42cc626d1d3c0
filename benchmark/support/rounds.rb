# frozen_string_literal: true

module Benchmark
  # Measures in turns, round after round, so that what else the machine does hits all alike.
  class Rounds
    # @param rounds [Integer]
    # @param measures [Hash{Object => #call}] by name; each call returns a number, or an Array of them
    def initialize(rounds, measures)
      @values = measures.transform_values { [] }
      rounds.times { measures.each { |name, measure| @values[name] << measure.call } }
    end

    # @return [Numeric, Array<Numeric>] of what was measured under that name
    def median(name)
      values = @values.fetch(name)
      values.first.is_a?(Array) ? values.transpose.map { |numbers| middle(numbers) } : middle(values)
    end

    # @return [Float] median of the ratios, each of two measures of the same round
    def ratio(name, of:)
      middle(@values.fetch(name).zip(@values.fetch(of)).map { |value, base| value.fdiv(base) })
    end

    private

    def middle(values)
      sorted = values.sort
      (sorted[(sorted.size - 1) / 2] + sorted[sorted.size / 2]) / 2
    end
  end
end
