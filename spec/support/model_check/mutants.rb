# frozen_string_literal: true

require "aws-sessionstore-dynamodb"
require "delegate"

module ModelCheck
  # What stands before a native store and takes one protection out, by what the session store then does: the model check
  # has to find each of them.
  MUTANTS = {
    "saves over what others have saved" => Class.new(SimpleDelegator) do
      def save(id, write, _guard)
        super(id, write, [:exists, nil])
      end
    end,

    "says nothing of a conflict" => Class.new(SimpleDelegator) do
      def save(*)
        outcome, row = super
        [outcome == :changed ? :saved : outcome, row]
      end
    end,

    "writes a session back that is gone" => Class.new(SimpleDelegator) do
      def save(id, write, _guard)
        outcome, row = super
        outcome == :gone ? create(id, write) : [outcome, row]
      end
    end,

    "notes the use of a session that is gone" => Class.new(SimpleDelegator) do
      def touch(id, created_at, expire_after)
        super || create(id, ["{}", created_at, expire_after])
      end
    end,

    "says that a session is saved that is gone" => Class.new(SimpleDelegator) do
      def save(_id, write, _guard)
        outcome, row = super
        outcome == :gone ? [:saved, write] : [outcome, row]
      end
    end,

    "renews a session and leaves the old one" => Class.new(SimpleDelegator) do
      def rename(_from, to, write, _guard)
        create(to, write)
      end
    end,

    "renews a session before its data is there" => Class.new(SimpleDelegator) do
      def rename(from, to, write, _guard)
        destroy(from)
        create(to, write)
      end
    end,

    "signs out without deleting the session" => Class.new(SimpleDelegator) do
      def destroy(_id)
        nil
      end
    end,

    "takes a session that cannot be loaded for none" => Class.new(SimpleDelegator) do
      def load(_id)
        super
      rescue Aws::SessionStore::DynamoDB::Errors::NetworkError
        nil
      end
    end,

    "takes a session that cannot be loaded for an empty one" => Class.new(SimpleDelegator) do
      def load(_id)
        super
      rescue Aws::SessionStore::DynamoDB::Errors::NetworkError
        ["{}", nil, nil]
      end
    end,

    "locks nothing" => Class.new(SimpleDelegator) do
      def lock(id, _token, _settings)
        load(id)
      end

      def save(id, write, guard)
        super(id, write, guard.first == :locked ? [:exists, nil] : guard)
      end
    end,

    "shows the session that was loaded before" => Class.new(SimpleDelegator) do
      def load(_id)
        @last.tap { @last = super } || @last
      end
    end
  }.freeze
end
