# frozen_string_literal: true

module ModelCheck
  # The model of a session: what a request did to it, or saw of it, at one moment between `start` and `finish`.
  #
  # @!attribute request [String]
  # @!attribute text [String] for people
  # @!attribute start [Float]
  # @!attribute finish [Float] infinite where nobody knows
  # @!attribute required [Boolean] it did happen; otherwise it may have
  # @!attribute effect [Proc] from the {State} before, nil where there is no session, to the one after, or :impossible
  Operation = Struct.new(:request, :text, :start, :finish, :required, :effect, keyword_init: true) do
    class << self
      # @param data [Hash]
      def create(id, data)
        { text: "create #{short(id)} with #{data}",
          effect: ->(state) { state ? :impossible : Operation::State.new(id, data) } }
      end

      # @param seen [Hash, nil] nil: that there is no such session
      def load(id, seen)
        { text: "load #{short(id)} and see #{seen || "nothing"}",
          effect: ->(state) { (state.data if state&.id == id) == seen ? state : :impossible } }
      end

      # @param change [#call] from the data before to the data after, or :impossible
      def save(id, new_id, data, change)
        effect = lambda do |state|
          changed = state&.id == id ? change.call(state.data) : :impossible
          changed == :impossible ? changed : Operation::State.new(new_id, changed)
        end
        { text: "save #{data} under #{short(id)}#{" as #{short(new_id)}" if id != new_id}", effect: }
      end

      def destroy(id)
        { text: "destroy #{short(id)}", effect: ->(state) { state unless state&.id == id } }
      end

      private

      def short(id)
        id.split("--").last[0, 6]
      end
    end

    # @return [Array] comparable: the least comes first when an order is looked for
    def likelihood
      [required ? 0 : 1, finish]
    end

    def to_s
      "#{request}#{" (perhaps)" unless required}: #{text}"
    end
  end

  # A session.
  Operation::State = Struct.new(:id, :data)
end
