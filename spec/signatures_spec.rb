# frozen_string_literal: true

require "action_dispatch"
require "active_support/notifications"
require "aws-sessionstore-dynamodb"
require "action_dispatch/session/dynamo_db_store"
require "open3"
require "rack/mock"
require "rbs"
require "rbs/cli"
require "rbs/test"
require "support/public_interface"

# sig/ says of every public name what the code says of it: no name is missing on either side.
RSpec.describe "The signatures in sig/", :aggregate_failures do
  sig = File.expand_path("../sig", __dir__)
  loader = RBS::EnvironmentLoader.new.tap { |new| new.add(path: Pathname(sig)) }
  environment = RBS::Environment.from_loader(loader).resolve_type_names
  builder = RBS::DefinitionBuilder.new(env: environment)

  our = ->(type_name) { type_name.to_s.match?(/\A::(Aws::SessionStore\b|AWS\b|ActionDispatch::Session::)/) }
  declared = environment.class_decls.keys.select(&our)
  constants = environment.constant_decls.select { |name, _| our.call(name) }

  # By their paths, as PublicInterface has them. A class's `new` is its `initialize`, where it is not declared itself.
  methods = declared.flat_map do |name|
    own = ->(definition) { definition.methods.select { |_, method| method.defined_in == name && method.public? } }
    instance = builder.build_instance(name)
    made = instance.methods[:initialize]
    # `self?` is a module_function: private in the instance, which RBS 2.1 does not know.
    of_instance = own.call(instance).reject do |_, method|
      method.members.any? { |member| member.respond_to?(:kind) && member.kind == :singleton_instance }
    end
    of_instance[:initialize] = made if made && made.defined_in == name
    of_class = own.call(builder.build_singleton(name)).reject { |each, _| each == :new && of_instance[:initialize] }
    path = name.to_s.delete_prefix("::")
    of_instance.map { |each, method| ["#{path}##{each}", method] } +
      of_class.map { |each, method| ["#{path}.#{each}", method] }
  end.to_h

  # How many values a method takes, at least and at most, and which keywords, of which must be there.
  takes = lambda do |parameters|
    kinds = parameters.group_by(&:first).transform_values { |group| group.map(&:last) }
    required = kinds.fetch(:req, []).size
    most = kinds.key?(:rest) ? Float::INFINITY : required + kinds.fetch(:opt, []).size
    [required, most, kinds.fetch(:keyreq, []).sort, kinds.fetch(:key, []).sort]
  end

  signed = lambda do |method|
    shapes = method.method_types.map(&:type).map do |type|
      required = type.required_positionals.size + type.trailing_positionals.size
      most = type.rest_positionals ? Float::INFINITY : required + type.optional_positionals.size
      [required, most, type.required_keywords.keys.sort, type.optional_keywords.keys.sort]
    end
    least, most, *keywords = shapes.transpose
    [least.min, most.max, *keywords.map { |each| each.flatten.uniq }]
  end

  checker = lambda do |mod|
    RBS::Test::TypeCheck.new(self_class: mod, builder:, sample_size: nil, unchecked_classes: [])
  end

  returned = ->(path) { methods.fetch("Aws::SessionStore::DynamoDB::#{path}").method_types.first.type.return_type }

  define_method(:of_type?) { |value, type, mod = Object| checker.call(mod).value(value, type) }

  # @param name [String] of a type in sig/
  define_method(:alias_of) do |name|
    RBS::Types::Alias.new(name: RBS::Parser.parse_type(name).name, location: nil, args: [])
  end

  it "are valid" do
    output = StringIO.new
    command = RBS::CLI.new(stdout: output, stderr: output)
    expect { command.run(["-I", sig, "validate"]) }.not_to raise_error, -> { output.string.lines.last(20).join }
  end

  it "name every public constant, and no other" do
    names = (declared + constants.keys).map { |name| name.to_s.delete_prefix("::") }
    expect(names).to match_array(PublicInterface.constants.keys)
  end

  it "know what the constants hold" do
    wrong = constants.reject do |name, entry|
      of_type?(PublicInterface.constants.fetch(name.to_s.delete_prefix("::")), entry.decl.type)
    end
    expect(wrong.keys.map(&:to_s)).to eq([])
  end

  it "know what the classes derive from" do
    PublicInterface.modules.each do |path, mod|
      type_name = declared.find { |name| name.to_s == "::#{path}" }
      ancestors = builder.ancestor_builder.instance_ancestors(type_name).ancestors.map { |each| each.name.to_s }
      expect(mod.ancestors.map { |each| "::#{each.name}" }).to include(*ancestors), path
    end
  end

  it "name every public method, and no other" do
    expect(methods.keys).to match_array(PublicInterface.methods.keys)
  end

  it "know what every public method takes" do
    PublicInterface.methods.each do |path, method|
      expect(signed.call(methods.fetch(path))).to eq(takes.call(method.parameters)), path
    end
  end

  it "have a reader for each option, with its own default" do
    config = Aws::SessionStore::DynamoDB::Configuration.new
    wrong = Aws::SessionStore::DynamoDB::Options::ALL.map(&:name).reject do |name|
      of_type?(config.public_send(name), returned.call("Configuration##{name}"))
    end
    expect(wrong).to eq([])
  end

  it "know what the table's methods and a collection return" do
    table = Aws::SessionStore::DynamoDB::Table
    options = { endpoint: "embedded", table_name: "signatures-returned", max_stale: 3600 }
    allow($stdout).to receive(:<<)
    table.create_table(options)
    expect(of_type?(table.exist?(options), returned.call("Table.exist?"))).to be(true)
    expect(of_type?(table.item("nobody", options), returned.call("Table.item"))).to be(true)

    result = Aws::SessionStore::DynamoDB::GarbageCollection.collect_garbage(options)
    (result.members + %i[dry_run? to_s]).each do |name|
      type = returned.call("GarbageCollection::Result##{name}")
      expect(of_type?(result.public_send(name), type)).to be(true), name.to_s
    end
    expect(of_type?(table.delete_table(options), returned.call("Table.delete_table"))).to be(true)
  end

  describe "the payloads of the events" do
    # @return [Array<Array(String, Hash)>] names and payloads of the events of the block
    def events(&)
      [].tap do |seen|
        note = ->(name, *, payload) { seen << [name.delete_suffix(".dynamodb_session"), payload] }
        ActiveSupport::Notifications.subscribed(note, /\.dynamodb_session\z/, &)
      end
    end

    def request(middleware, cookie = nil, &app)
      session = { "HTTP_COOKIE" => cookie }.compact
      response = Rack::MockRequest.new(middleware.new(app)).get("/", session)
      response["Set-Cookie"]&.split(";")&.first
    end

    it "are of their types" do
      options = { endpoint: "embedded", table_name: "signatures", secret_key: "secret", max_stale: 3600,
                  size_warning: 1, touch_interval: 0 }
      expect { Aws::SessionStore::DynamoDB::Table.create_table(options) }.to output(/ready/).to_stdout
      middleware = Aws::SessionStore::DynamoDB::RackMiddleware.new(options)
      answer = [200, {}, []]
      # A save of another request, in the middle of this one, is the conflict.
      seen = events do
        cookie = request(middleware) { |env| (env["rack.session"]["a"] = 1) && answer }
        request(middleware, cookie) do |env|
          env["rack.session"]["b"] = 1
          request(middleware, cookie) { |inner| (inner["rack.session"]["c"] = 1) && answer }
          answer
        end
        request(middleware, cookie) { |env| env["rack.session"]["a"] && answer }
        request(middleware, cookie) { |env| env["rack.session"].destroy && answer }
        Aws::SessionStore::DynamoDB::GarbageCollection.collect_garbage(options.except(:secret_key))
      end

      expect(seen.map(&:first).uniq).to match_array(%w[load save touch destroy conflict size_warning collect])
      names = { "conflict" => "conflict", "size_warning" => "size_warning", "collect" => "collection" }
      seen.each do |event, payload|
        type = alias_of("::Aws::SessionStore::DynamoDB::Instrumentation::#{names.fetch(event, "call")}")
        expect(of_type?(payload, type)).to be(true), "#{event}: #{payload}"
      end
    end
  end

  # Every call that these specs make is compared with its signature: what is given, and what is returned.
  {
    "configuration and errors" => %w[configuration_spec.rb errors_spec.rb],
    "sessions, table and doctor" =>
      %w[cookies_spec.rb rack_middleware_spec.rb doctor_spec.rb rails/dynamodb_store_spec.rb --example embedded]
  }.each do |subject, arguments|
    it "hold for the calls of other specs: #{subject}" do
      env = { "RBS_TEST_TARGET" => "Aws::SessionStore::DynamoDB::*,ActionDispatch::Session::DynamodbStore",
              "RBS_TEST_OPT" => "-I #{sig}", "RBS_TEST_DOUBLE_SUITE" => "rspec", "RBS_TEST_RAISE" => "true",
              "RBS_TEST_LOGLEVEL" => "error" }
      output, status = Open3.capture2e(env, "ruby", "-I#{PublicInterface::ROOT}/lib", "-rrbs/test/setup", "-S", "rspec",
                                       *arguments.map { |each| each.end_with?(".rb") ? "#{__dir__}/#{each}" : each })
      expect(status).to be_success, output
      expect(output).to match(/^[1-9]\d+ examples, 0 failures/)
    end
  end
end
