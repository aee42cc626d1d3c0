# frozen_string_literal: true

require "json"
require "stringio"

module Aws::SessionStore::DynamoDB
  # The option `dynamo_db_client`: any Ruby object with the methods of `Aws::DynamoDB::Client` makes the requests of the
  # Rust core. That speaks DynamoDB's JSON, so this class translates the JSON to the Hashes that such clients take, and
  # their answers back.
  #
  # What the client raises ends the call and is raised as it is, except for the few errors that are part of a
  # conversation: those are told to the core.
  #
  # @api private
  class RubyClient
    # Errors by which the core goes on: a condition that failed, a table that is there or is not.
    EXPECTED = {
      "ConditionalCheckFailedException" => %w[UpdateItem DeleteItem],
      "TransactionCanceledException" => %w[TransactWriteItems],
      "ResourceInUseException" => %w[CreateTable],
      "ResourceNotFoundException" => %w[DescribeTable DeleteTable]
    }.freeze
    private_constant :EXPECTED

    # @param client [#get_item, #update_item, #delete_item]
    def initialize(client)
      @client = client
    end

    # @param operation [String] DynamoDB's name for it, such as "GetItem"
    # @param body [String] the request in DynamoDB's JSON
    # @return [Array(Integer, String)] HTTP status and answer in DynamoDB's JSON
    # @raise [StandardError] whatever the client raises
    def call(operation, body)
      answer = @client.public_send(Wire.method_name(operation), Wire.request(JSON.parse(body)))
      [200, JSON.generate(Wire.answer(answer.to_h))]
    rescue StandardError => e
      raise unless expected?(e, operation)

      [400, JSON.generate(error_document(e))]
    end

    private

    # A transaction that was cancelled for anything but a condition is no answer: it is for the error handler.
    def expected?(error, operation)
      code = code(error)
      return false unless EXPECTED[code]&.include?(operation)

      code != "TransactionCanceledException" || reasons(error).any? { |each| each["Code"] == "ConditionalCheckFailed" }
    end

    # The SDK's errors know their code; a double's may only be called like it.
    def code(error)
      error.respond_to?(:code) ? error.code : error.class.name.to_s.split("::").last
    end

    def error_document(error)
      document = { "__type" => code(error), "message" => error.message, "CancellationReasons" => reasons(error) }
      item = member(error, :item).to_h
      item.empty? ? document : document.merge("Item" => Wire.item(item))
    end

    def reasons(error)
      member(error, :cancellation_reasons).to_a.map { |reason| Wire.answer(reason.to_h) }
    end

    # What DynamoDB said beside code and message, if anything: older SDKs have no such method, and in those that have,
    # the errors of `stub_responses` raise NameError in it.
    def member(error, name)
      error.public_send(name)
    rescue NameError
      nil
    end

    # DynamoDB's JSON, and the Hashes of the Ruby SDK: members in snake case, plain values for attributes.
    # <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html>
    module Wire
      # Members that hold attributes by their name, in requests and answers.
      ITEMS = %w[Key Item Attributes ExpressionAttributeValues ExclusiveStartKey LastEvaluatedKey].freeze
      # Members that hold texts by a name of the user's.
      NAMES = %w[ExpressionAttributeNames].freeze
      private_constant :ITEMS, :NAMES

      module_function

      # KMSMasterKeyId: kms_master_key_id
      def method_name(name)
        name.gsub(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/, "_").downcase
      end

      def request(value)
        case value
        when Hash then value.to_h { |name, member| [method_name(name).to_sym, request_member(name, member)] }
        when Array then value.map { |element| request(element) }
        else value
        end
      end

      def request_member(name, member)
        case name
        when *ITEMS then item?(member) ? member.transform_values { |value| plain(value) } : member
        when *NAMES then member
        else request(member)
        end
      end

      def answer(value)
        case value
        when Hash, Struct
          value.to_h.to_h do |name, member|
            name = name.to_s.split("_").map(&:capitalize).join
            [name, answer_member(name, member)]
          end
        when Array then value.map { |element| answer(element) }
        when Time then value.to_f
        else value
        end
      end

      def answer_member(name, member)
        case name
        when *ITEMS then item?(member) ? item(member) : member
        when "Items" then member.map { |element| item(element) }
        else answer(member)
        end
      end

      # The key of a tag is called Key too.
      def item?(member)
        member.is_a?(Hash)
      end

      def item(attributes)
        attributes.to_h { |name, value| [name.to_s, typed(value)] }
      end

      def plain(value)
        type, content = value.first
        case type
        when "B" then StringIO.new(content.unpack1("m0"))
        when "N" then content.match?(/\A-?\d+\z/) ? Integer(content, 10) : decimal(content)
        else content
        end
      end

      # A Float would round what the table must match exactly. The SDK brings BigDecimal with it; a double may not.
      def decimal(text)
        require "bigdecimal"
        BigDecimal(text)
      rescue LoadError
        Float(text)
      end

      # What rows hold: texts, numbers and bytes. Anything else is for the core to refuse, by its type.
      def typed(value)
        case value
        when String then { "S" => value }
        when Numeric then { "N" => number(value) }
        when true, false then { "BOOL" => value }
        when nil then { "NULL" => true }
        when Struct, Hash then typed_by_client(value.to_h) || binary(value)
        else binary(value)
        end
      end

      # A BigDecimal, as the SDK gives it, would become "0.17e10".
      def number(value)
        defined?(BigDecimal) && value.is_a?(BigDecimal) ? value.to_s("F").delete_suffix(".0") : value.to_s
      end

      # In its errors the SDK leaves attributes as they came: a Struct, or a Hash, of types, all but one nil.
      def typed_by_client(types)
        type, content = types.find { |_, each| !each.nil? }
        case type
        when :s, :n then { type.to_s.upcase => content }
        when :b then binary(content)
        end
      end

      def binary(value)
        { "B" => [value.respond_to?(:read) ? value.tap(&:rewind).read : value.to_s].pack("m0") }
      end
    end
    private_constant :Wire
  end
end
