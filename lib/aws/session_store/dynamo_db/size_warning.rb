# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  # The event `size_warning.dynamodb_session`, which {Instrumentation} describes.
  #
  # @api private
  module SizeWarning
    EVENT = "size_warning"
    # How many keys are named.
    KEYS = 3
    private_constant :EVENT, :KEYS

    # @param row [Row] as it was saved
    # @param limit [Integer] bytes
    # @param serializer [#dump & #load]
    # @return [void]
    def self.check(row, limit, serializer)
      size = row.data.bytesize
      return unless size > limit && Instrumentation.listening?(EVENT)

      Instrumentation.publish(EVENT, size:, limit:, largest_keys: largest_keys(row.text, serializer))
    end

    def self.largest_keys(text, serializer)
      session = Serializer.load(serializer, text)
      sizes = session.to_h { |key, value| [key, Serializer.dump(serializer, { key => value }).bytesize] }
      sizes.max_by(KEYS, &:last).to_h
    # The session is saved: a serializer of the user's own that does not take a part of one is no error now.
    rescue StandardError
      {}
    end
    private_class_method :largest_keys
  end
end
