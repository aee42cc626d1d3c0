# frozen_string_literal: true

require "spec_helper"
require "stringio"

RSpec.describe Aws::SessionStore::DynamoDB::Errors do
  # Is the error caught by `rescue error_class`?
  def rescued_by?(error_class, error)
    raise error
  rescue error_class
    true
  rescue StandardError
    false
  end

  describe "the classes" do
    it "are all errors of this gem, and RuntimeErrors as in earlier versions" do
      classes = described_class.constants.map { |name| described_class.const_get(name) }
                               .select { |constant| constant.is_a?(Class) && constant <= Exception }
      expect(classes.size).to be > 35
      expect(classes).to all(be <= described_class::Error)
      expect(described_class::Error).to be < RuntimeError
    end

    it "are found under the names of version 0.5" do
      old = Aws::SessionStore::DynamoDB
      expect([old::MissingSecretKeyError, old::InvalidIDError, old::LockWaitTimeoutError])
        .to eq([described_class::MissingSecretKeyError, described_class::InvalidIDError,
                described_class::LockWaitTimeoutError])
    end

    it "have messages of their own that say what to do" do
      expect(described_class::MissingSecretKeyError.new.message).to include("secret_key")
      expect(described_class::LockWaitTimeoutError.new.message).to include("lock_max_wait_time")
      expect(described_class::ConflictError.new("mine").message).to eq("mine")
    end

    it "can be raised with a message alone" do
      %i[ConfigurationError NetworkError InvalidDataError LockLostError ConflictError].each do |name|
        expect { raise described_class.const_get(name), "text" }.to raise_error(described_class.const_get(name), "text")
      end
    end
  end

  describe "SessionTooLargeError" do
    it "holds size and limit in bytes" do
      error = described_class::SessionTooLargeError.new(size: 500_000, limit: 409_600)
      expect(error).to have_attributes(size: 500_000, limit: 409_600, message: /500000 bytes.*409600 in an item/)
    end
  end

  describe "ServiceError.for" do
    def service_error(code, message = "What DynamoDB says", request_id = "ID")
      described_class::ServiceError.for(code, message, request_id)
    end

    it "is of the code's class, with code and request id" do
      error = service_error("ThrottlingException")
      expect(error).to be_an_instance_of(described_class::ThrottlingException)
      expect(error).to have_attributes(code: "ThrottlingException", request_id: "ID", message: "What DynamoDB says")
    end

    it "says what to do where DynamoDB does not" do
      expect(service_error("ResourceNotFoundException").message)
        .to match(/\AWhat DynamoDB says \(create the table with .*create_table, or check table_name/)
    end

    it "is a plain ServiceError for an unknown code, and for one that is no name of a class" do
      ["NewException", "NetworkError", "Object", "a b", "é", ""].each do |code|
        expect(service_error(code)).to be_an_instance_of(described_class::ServiceError)
      end
      expect(service_error("NewException").message).to eq("NewException: What DynamoDB says")
    end

    it "drops the code's namespace" do
      error = service_error("com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException")
      expect(error).to be_an_instance_of(described_class::ConditionalCheckFailedException)
    end

    it "has the code for a message where there is none" do
      [nil, ""].each do |message|
        expect(service_error("InternalServerError", message).message).to eq("InternalServerError")
      end
    end

    it "has no request id where there is none" do
      expect(described_class::ServiceError.for("ThrottlingException", "x").request_id).to be_nil
    end

    it "is not needed to raise one in a test of the application" do
      expect { raise described_class::ThrottlingException, "slow" }
        .to raise_error(have_attributes(class: described_class::ThrottlingException, code: "ThrottlingException"))
    end

    context "where the aws-sdk-dynamodb gem is loaded" do
      # Stands in for that gem, whose classes are made when they are first named.
      before do
        service_error = Class.new(RuntimeError) do
          singleton_class.attr_accessor :code
          attr_reader :context, :code

          def initialize(context, message, _data = nil)
            super(message)
            @context = context
            @code = self.class.code
          end
        end
        sdk = Module.new do
          define_singleton_method(:const_missing) do |name|
            const_set(name, Class.new(service_error)).tap { |error_class| error_class.code = name.to_s }
          end
        end
        sdk.const_set(:ServiceError, service_error)
        stub_const("Aws::DynamoDB", Module.new)
        stub_const("Aws::DynamoDB::Errors", sdk)
      end

      let(:error) { service_error("ConditionalCheckFailedException") }

      it "is rescued by that gem's classes, by ours, and by StandardError" do
        [Aws::DynamoDB::Errors::ConditionalCheckFailedException, Aws::DynamoDB::Errors::ServiceError,
         described_class::ConditionalCheckFailedException, described_class::ServiceError, described_class::Error,
         StandardError].each { |error_class| expect(rescued_by?(error_class, error)).to be(true) }
      end

      it "is not rescued by the classes of other errors" do
        others = [Aws::DynamoDB::Errors::ThrottlingException, described_class::ThrottlingException,
                  described_class::NetworkError]
        others.each { |error_class| expect(rescued_by?(error_class, error)).to be(false) }
      end

      it "is a kind of both" do
        expect(error).to be_a(Aws::DynamoDB::Errors::ConditionalCheckFailedException)
          .and be_a(described_class::ConditionalCheckFailedException).and be_a(described_class::Error)
        expect(error).not_to be_a(described_class::ThrottlingException)
        expect(error).not_to be_a(String)
      end

      it "is of the gem's class by name, as trackers of errors group by it" do
        expect(error.class).to be(Aws::DynamoDB::Errors::ConditionalCheckFailedException)
      end

      it "has our readers" do
        expect(error).to have_attributes(code: "ConditionalCheckFailedException", request_id: "ID",
                                         message: "What DynamoDB says")
      end

      it "is a ServiceError of the gem and of ours for a code that is no name of a class" do
        error = service_error("a b")
        expect(error).to be_a(Aws::DynamoDB::Errors::ServiceError).and be_a(described_class::ServiceError)
        expect(error.code).to eq("a b")
      end

      it "leaves the gem's own errors alone" do
        own = Aws::DynamoDB::Errors::ThrottlingException.new(nil, "slow")
        expect(rescued_by?(described_class::ServiceError, own)).to be(false)
      end

      it "keeps our other classes as they are" do
        expect(rescued_by?(described_class::ServiceError, described_class::NetworkError.new)).to be(false)
      end
    end
  end

  describe "BaseHandler" do
    it "must be implemented" do
      stub_const("MyHandler", Class.new(described_class::BaseHandler))
      expect { MyHandler.new.handle_error(RuntimeError.new) }
        .to raise_error(NotImplementedError, /MyHandler must define/)
    end
  end

  describe "DefaultHandler" do
    let(:log) { StringIO.new }
    let(:env) { { "rack.errors" => log } }
    let(:soft) { described_class::NetworkError.new("nobody there") }

    def handle(error, raise_errors: false, env: self.env)
      described_class::DefaultHandler.new(raise_errors).handle_error(error, env)
    end

    it "writes the error to rack.errors and lets the request go on" do
      expect(handle(soft)).to be(false)
      expect(log.string).to eq("Aws::SessionStore::DynamoDB::Errors::NetworkError: nobody there\n")
    end

    it "writes the request id, and a few lines of the backtrace" do
      error = described_class::ServiceError.for("ThrottlingException", "slow", "ID")
      error.set_backtrace((1..100).map { |line| "app.rb:#{line}" })
      handle(error)
      expect(log.string.lines.first).to end_with("ThrottlingException: slow (request ID)\n")
      expect(log.string.lines.drop(1)).to eq((1..5).map { |line| "  app.rb:#{line}\n" })
    end

    it "raises all errors where raise_errors is set" do
      expect { handle(soft, raise_errors: true) }.to raise_error(soft)
    end

    it "raises what only the configuration can mend, always" do
      hard = [described_class::MissingSecretKeyError.new, described_class::ConfigurationError.new,
              *%w[ResourceNotFoundException AccessDeniedException UnrecognizedClientException ExpiredTokenException
                  InvalidSignatureException MissingAuthenticationTokenException ValidationException]
                .map { |code| described_class::ServiceError.for(code, "x") }]
      hard.each { |error| expect { handle(error) }.to raise_error(error.class) }
      expect(hard.map(&:class)).to match_array(described_class::DefaultHandler::HARD_ERRORS)
    end

    it "knows the errors of a client of the user's own by their code" do
      foreign = Class.new(StandardError) { def code = "ResourceNotFoundException" }
      expect { handle(foreign.new("no table")) }.to raise_error(foreign)
    end

    it "never raises InvalidIDError, which any client can cause, and writes one line for it" do
      error = described_class::InvalidIDError.new
      error.set_backtrace(%w[app.rb:1])
      expect(handle(error, raise_errors: true)).to be(false)
      expect(log.string.lines.size).to eq(1)
    end

    it "writes to $stderr where there is no rack.errors" do
      [nil, {}].each { |none| expect { handle(soft, env: none) }.to output(/nobody there/).to_stderr }
      expect { described_class::DefaultHandler.new(false).handle_error(soft) }.to output(/nobody there/).to_stderr
    end
  end

  describe "the namespace AWS of the first versions" do
    def load_with(prelude)
      library = File.expand_path("../lib/aws/session_store/dynamo_db", __dir__)
      script = "#{prelude}; require #{library.inspect}; " \
               "p AWS.equal?(Aws), AWS::SessionStore::DynamoDB.equal?(Aws::SessionStore::DynamoDB)"
      IO.popen([RbConfig.ruby, "-e", script], &:read)
    end

    it "is Aws where nobody else has it" do
      expect(load_with("nil")).to eq("true\ntrue\n")
    end

    it "is left to version 1 of the AWS SDK, and only gets the session store" do
      expect(load_with("module AWS; end")).to eq("false\ntrue\n")
    end
  end
end
