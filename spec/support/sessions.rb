# frozen_string_literal: true

require "json"
require "support/engines"
require "support/fault_proxy"
require "support/visitor"

# How the session store stands before an application.
#
# @!attribute key [String] the usual name of its cookie
# @!attribute build [Proc] makes it from its options
SessionStack = Struct.new(:key, :build)

# As Rack's middleware, around the application of a Visitor.
SessionStack::RACK = SessionStack.new("rack.session", lambda do |options|
  Aws::SessionStore::DynamoDB::RackMiddleware.new(Visitor::APPLICATION, options)
end)

# Sessions in a table of an engine:
#
#   each_engine do |engine|
#     include_context "with sessions", engine
#
#     it "keeps what was put into it" do
#       ada = visitor(max_stale: 60)
#       ada.visit { |session| session["name"] = "Ada" }
#       expect(contents(ada)).to eq("name" => "Ada")
#     end
#   end
#
# A second argument is for what stands before the application: see SessionStack.
RSpec.shared_context "with sessions" do |engine, stack = SessionStack::RACK|
  before(:context) { TestTable.create(engine.options) }
  after(:context) { TestTable.delete(engine.options) }

  let(:endpoint) { engine.endpoint }

  # Those of the session store. Nothing that goes wrong is hidden.
  let(:options) { engine.options.merge(endpoint:, secret_key: "the secret key of the specs", raise_errors: true) }

  # @param more [Hash] options of the session store
  # @return [#call] it, around the application that visitors visit
  define_method(:store) { |**more| stack.build.call(options.merge(more)) }

  define_method(:visitor) { |**more| Visitor.new(store(**more), key: more.fetch(:key, stack.key)) }

  # @param given [Hash] what the session holds, by Strings, and options of the session store, by Symbols
  # @return [Visitor] who has that session
  def visitor_with(**given)
    options, contents = given.partition { |key, _| key.is_a?(Symbol) }.map(&:to_h)
    visitor(**options).tap { |visitor| visitor.visit { |session| session.update(contents) } }
  end

  # Saves the session before the request ends, as it is done where the headers of a streaming response go out.
  def commit(request)
    request.session.instance_variable_get(:@store).commit_session(request, Rack::Response::Raw.new(200, {}))
  end

  # @return [Hash] what the session holds, as the visitor's next request would read it
  def contents(visitor)
    visitor.window.visit { |session| session.to_hash.except("session_id") }
  end

  # @param session [Visitor, String, Rack::Session::SessionId] String: a cookie's value
  # @return [Hash, nil] the session's row in DynamoDB's JSON
  def row(session)
    id = session.is_a?(Visitor) ? session.cookie : session
    id && Aws::SessionStore::DynamoDB::Table.item(id, engine.options)
  end

  # @return [Hash, nil] what the session's row holds
  def data(session)
    row = row(session)
    row && JSON.parse(row["data"]["S"])
  end

  # @return [Float, nil] seconds since the epoch
  def time(session, attribute)
    row(session).dig(attribute, "N")&.to_f
  end
end

# The same, on DynamoDB Local behind a {FaultProxy}, `proxy`: for what is counted, and what fails.
RSpec.shared_context "with a fault proxy" do |stack = SessionStack::RACK|
  # The block of each_engine has the table's name: a table of this group's own.
  engine = Engines::Engine.new("DynamoDB Local", -> { DynamoDBLocal.endpoint }, "specs-#{SecureRandom.hex(6)}")
  include_context "with sessions", engine, stack

  before(:context) { @proxy = FaultProxy.new(DynamoDBLocal.endpoint).start }
  after(:context) { @proxy.stop }
  before { proxy.reset }

  let(:engine) { engine }
  let(:endpoint) { proxy.url }

  attr_reader :proxy

  # @return [Array<String>] the operations that the block sent to DynamoDB
  def calls
    before = proxy.calls.size
    yield
    proxy.calls.drop(before)
  end
end

# Remembers what the session store reports, and goes on.
class ErrorRecorder < Aws::SessionStore::DynamoDB::Errors::BaseHandler
  attr_reader :errors, :envs

  def initialize
    super
    @errors = []
    @envs = []
  end

  def handle_error(error, env = {})
    @errors << error
    @envs << env
    false
  end
end

# Creates and deletes tables without a word on $stdout.
module TestTable
  module_function

  def create(options)
    config = Aws::SessionStore::DynamoDB::Configuration.new(options)
    Aws::SessionStore::DynamoDB::Native.store(config)
                                       .request_table(Aws::SessionStore::DynamoDB::Table.properties(config))
  end

  def delete(options)
    config = Aws::SessionStore::DynamoDB::Configuration.new(options)
    Aws::SessionStore::DynamoDB::Native.store(config).delete_table
  end
end
