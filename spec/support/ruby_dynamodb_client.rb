# frozen_string_literal: true

require "bigdecimal"
require "json"
require "net/http"
require "support/dynamodb_local"

# What a user may pass as `dynamo_db_client`: an object with the calling convention of `Aws::DynamoDB::Client`, written
# in plain Ruby on DynamoDB Local, so that a real engine evaluates the expressions. As strict as the SDK: a parameter
# that it does not document is an ArgumentError.
class RubyDynamoDBClient
  # As the SDK's: has a code, and whatever else DynamoDB sends.
  class ServiceError < StandardError
    attr_reader :code

    def initialize(code, message)
      super(message)
      @code = code
    end
  end

  class ConditionalCheckFailedException < ServiceError
    def initialize(code, message, item)
      super(code, message)
      @item = item
    end

    def item
      RubyDynamoDBClient.known(@item, :item)
    end
  end

  class TransactionCanceledException < ServiceError
    Reason = Struct.new(:item, :code, :message)

    def initialize(code, message, reasons)
      super(code, message)
      @reasons = reasons
    end

    def cancellation_reasons
      RubyDynamoDBClient.known(@reasons, :cancellation_reasons)
    end
  end

  # The SDK's errors raise NameError where `stub_responses` made them: their data has no members.
  def self.known(value, name)
    value == :unknown ? raise(NameError, "no member '#{name}' in struct") : value
  end

  # The SDK gives simple values in answers, but leaves those in errors as they are.
  AttributeValue = Struct.new(:s, :n, :b, :ss, :ns, :bs, :m, :l, :null, :bool, keyword_init: true)

  # An answer: the SDK's delegates to a Struct, whose to_h is deep.
  Response = Struct.new(:data) do
    def to_h
      data
    end
  end

  members = ->(*names, **nested) { names.to_h { |name| [name, nil] }.merge(nested) }
  expressions = members[:condition_expression, :return_values_on_condition_check_failure,
                        expression_attribute_names: :map, expression_attribute_values: :item]
  throughput = members[:read_capacity_units, :write_capacity_units]

  # The parameters of each operation, from the SDK's documentation (`sig/client.rbs`), without those of other services
  # and of interfaces that DynamoDB calls legacy.
  PARAMETERS = {
    get_item: members[:table_name, :consistent_read, :return_consumed_capacity, :projection_expression,
                      key: :item, expression_attribute_names: :map],
    update_item: members[:table_name, :return_values, :return_consumed_capacity, :return_item_collection_metrics,
                         :update_expression, key: :item, **expressions],
    delete_item: members[:table_name, :return_values, :return_consumed_capacity, :return_item_collection_metrics,
                         key: :item, **expressions],
    transact_write_items: members[
      :return_consumed_capacity, :return_item_collection_metrics, :client_request_token,
      transact_items: [{
        condition_check: members[:table_name, key: :item, **expressions],
        put: members[:table_name, item: :item, **expressions],
        delete: members[:table_name, key: :item, **expressions],
        update: members[:table_name, :update_expression, key: :item, **expressions]
      }]
    ],
    scan: members[:table_name, :index_name, :limit, :select, :return_consumed_capacity, :total_segments, :segment,
                  :projection_expression, :filter_expression, :consistent_read,
                  exclusive_start_key: :item, expression_attribute_names: :map, expression_attribute_values: :item],
    create_table: members[
      :table_name, :billing_mode, :table_class, :deletion_protection_enabled, :resource_policy,
      attribute_definitions: [members[:attribute_name, :attribute_type]],
      key_schema: [members[:attribute_name, :key_type]],
      provisioned_throughput: throughput,
      sse_specification: members[:enabled, :sse_type, :kms_master_key_id],
      tags: [members[:key, :value]]
    ],
    describe_table: members[:table_name],
    describe_time_to_live: members[:table_name],
    delete_table: members[:table_name],
    update_time_to_live: members[:table_name, time_to_live_specification: members[:enabled, :attribute_name]],
    update_continuous_backups: members[
      :table_name,
      point_in_time_recovery_specification: members[:point_in_time_recovery_enabled, :recovery_period_in_days]
    ]
  }.freeze

  # Members that do not follow the rule of the others.
  ODD_NAMES = { "sse_specification" => "SSESpecification", "sse_type" => "SSEType",
                "kms_master_key_id" => "KMSMasterKeyId" }.freeze

  ITEMS = %w[Item Attributes Key LastEvaluatedKey].freeze

  # @return [Array<Array(Symbol, Hash)>] operations and parameters, in their order
  attr_reader :requests

  # @param failed_items [:sdk, :plain, :none, :unknown] how the error of a failed condition gives the item
  def initialize(failed_items: :sdk)
    @failed_items = failed_items
    @requests = []
    @hooks = Hash.new { |hooks, operation| hooks[operation] = [] }
    @mutex = Mutex.new
  end

  # Has the block called, once, before the next request of that operation; what it raises is what the client raises.
  #
  # @param operation [Symbol]
  # @param times [Integer]
  def before(operation, times: 1, &block)
    @mutex.synchronize { times.times { @hooks[operation] << block } }
  end

  # @return [Array<Symbol>]
  def operations
    requests.map(&:first)
  end

  PARAMETERS.each do |operation, parameters|
    define_method(operation) do |params = {}|
      hook = @mutex.synchronize do
        @requests << [operation, params]
        @hooks[operation].shift
      end
      hook&.call(params)
      answer(post(camel(operation.to_s), request(params, parameters, operation.to_s)))
    end
  end

  private

  def post(operation, document)
    response = Net::HTTP.post(
      URI(DynamoDBLocal.endpoint), JSON.generate(document),
      "X-Amz-Target" => "DynamoDB_20120810.#{operation}", "Content-Type" => "application/x-amz-json-1.0",
      "Authorization" => "AWS4-HMAC-SHA256 Credential=test/20250101/us-east-1/dynamodb/aws4_request, " \
                         "SignedHeaders=host, Signature=test"
    )
    answered = JSON.parse(response.body)
    response.is_a?(Net::HTTPSuccess) ? answered : raise(error(answered))
  end

  def error(document)
    code = document["__type"].split("#").last
    message = document["message"] || document["Message"]
    case code
    when "ConditionalCheckFailedException"
      ConditionalCheckFailedException.new(code, message, unless_unknown { failed_item(document["Item"]) })
    when "TransactionCanceledException"
      reasons = unless_unknown { document["CancellationReasons"].map { |reason| reason(reason) } }
      TransactionCanceledException.new(code, message, reasons)
    else ServiceError.new(code, message)
    end
  end

  def reason(document)
    TransactionCanceledException::Reason.new(failed_item(document["Item"]), document["Code"], document["Message"])
  end

  def unless_unknown
    @failed_items == :unknown ? :unknown : yield
  end

  def failed_item(item)
    return if item.nil? || @failed_items == :none

    item.transform_values { |typed| @failed_items == :sdk ? attribute_value(typed) : plain(typed) }
  end

  def attribute_value(typed)
    type, value = typed.first
    AttributeValue.new(**{ type.downcase.to_sym => type == "B" ? value.unpack1("m0") : value })
  end

  def request(params, parameters, path)
    params.to_h do |name, value|
      parameters.key?(name) || raise(ArgumentError, "unexpected value at #{path}[#{name.inspect}]")
      [camel(name.to_s), member(value, parameters[name], "#{path}[#{name.inspect}]")]
    end
  end

  def member(value, kind, path)
    case kind
    when :item then value.transform_values { |plain| typed(plain) }
    when Hash then request(value, kind, path)
    when Array then value.map { |element| request(element, kind.first, path) }
    else value
    end
  end

  def answer(document)
    Response.new(document.to_h { |name, value| [snake(name), answer_member(name, value)] })
  end

  def answer_member(name, value)
    return Time.at(value) if name.end_with?("DateTime")

    case value
    when Hash then ITEMS.include?(name) ? value.transform_values { |typed| plain(typed) } : answer(value).data
    when Array then value.map { |element| answer_element(name, element) }
    else value
    end
  end

  def answer_element(name, element)
    return element unless element.is_a?(Hash)

    name == "Items" ? element.transform_values { |typed| plain(typed) } : answer(element).data
  end

  def typed(value)
    case value
    when String then { "S" => value }
    when Numeric then { "N" => value.to_s }
    when StringIO then { "B" => [value.read].pack("m0") }
    else raise ArgumentError, "unsupported type #{value.class}"
    end
  end

  def plain(typed)
    type, value = typed.first
    case type
    when "N" then BigDecimal(value)
    when "B" then StringIO.new(value.unpack1("m0"))
    else value
    end
  end

  def camel(name)
    ODD_NAMES.fetch(name) { name.split("_").map(&:capitalize).join }
  end

  def snake(name)
    name.gsub(/([A-Z]+)([A-Z][a-z])/, '\1_\2').gsub(/([a-z\d])([A-Z])/, '\1_\2').downcase.to_sym
  end
end
