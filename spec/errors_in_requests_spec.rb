# frozen_string_literal: true

require "support/free_port"
require "support/sessions"
require "tempfile"

RSpec.describe "What goes wrong in a request" do
  errors = Aws::SessionStore::DynamoDB::Errors

  # Rows that this makes hold no session.
  garbage = Object.new
  def garbage.dump(_session) = "no JSON"
  def garbage.load(_data) = {}

  describe "because the store is set up wrong" do
    def built(**options)
      Aws::SessionStore::DynamoDB::RackMiddleware.new(Visitor::APPLICATION, secret_key: "secret", **options)
    end

    around do |example|
      before = ENV.to_h
      example.run
    ensure
      ENV.replace(before)
    end

    it "is said when it is built: no secret key" do
      expect { built(secret_key: nil) }.to raise_error(errors::MissingSecretKeyError, /pass secret_key.*SECRET_KEY/)
    end

    it "is said when it is built: an option that there is not" do
      expect { built(max_stael: 60) }.to raise_error(errors::ConfigurationError, /max_stael.*max_stale/m)
    end

    it "is said when it is built: a wrong type in the environment" do
      ENV["AWS_DYNAMO_DB_SESSION_MAX_STALE"] = "soon"
      expect { built }
        .to raise_error(errors::ConfigurationError, /max_stale: expected .*"soon".*AWS_DYNAMO_DB_SESSION_MAX_STALE/m)
    end

    it "is said when it is built: a wrong type in the YAML file" do
      Tempfile.create(["sessions", ".yml"]) do |file|
        file.write("consistent_read: maybe\n")
        file.close
        expect { built(config_file: file.path) }
          .to raise_error(errors::ConfigurationError, /consistent_read: expected .*"maybe".*#{file.path}/m)
      end
    end

    it "is said by the first request: nobody listens at the endpoint" do
      endpoint = "http://127.0.0.1:#{FreePort.find}"
      store = built(endpoint:, region: "us-east-1", access_key_id: "t", secret_access_key: "t", max_attempts: 1,
                    raise_errors: true)
      expect { Visitor.new(store).visit { |session| session["name"] = "Ada" } }
        .to raise_error(errors::NetworkError, /#{endpoint}.*options region and endpoint/)
    end

    each_engine do |engine|
      include_context "with sessions", engine

      it "is said by the first request, whatever raise_errors says: no table" do
        lost = visitor(table_name: "specs-none", raise_errors: false)
        expect { lost.visit { |session| session["name"] = "Ada" } }
          .to raise_error(errors::ResourceNotFoundException, /specs-none.*create_table/m)
      end
    end
  end

  each_engine do |engine|
    include_context "with sessions", engine

    describe "because the row is no session" do
      let(:ada) { visitor_with("name" => "Ada", serializer: garbage) }
      let(:recorder) { ErrorRecorder.new }

      def reader(**options)
        Visitor.new(store(**options), cookie: ada.cookie)
      end

      it "is told to the error handler, with what to do and without what is in the row" do
        reader(error_handler: recorder).visit("/cart") { |session| session["name"] }
        expect(recorder.errors).to match([an_instance_of(errors::InvalidDataError)])
        expect(recorder.errors.first.message).to match(/serializer/).and(satisfy { |text| !text.include?("no JSON") })
        expect(recorder.envs.first).to include("PATH_INFO" => "/cart")
      end

      it "is raised with raise_errors" do
        expect { reader.visit { |session| session["name"] } }.to raise_error(errors::InvalidDataError)
      end

      it "gives a new session under a new id, and leaves the row for whoever mends it" do
        bob = reader(raise_errors: false)
        bob.visit { |session| session["name"] = "Bob" }
        expect(bob.cookie).not_to eq(ada.cookie)
        expect(contents(bob)).to eq("name" => "Bob")
        expect(row(ada)["data"]).to eq("S" => "no JSON")
      end
    end

    describe "because the session is too large" do
      it "names size and limit, and leaves the old session as it is" do
        ada = visitor_with("name" => "Ada")
        expect { ada.visit { |session| session["text"] = "x" * 420_000 } }
          .to raise_error(errors::SessionTooLargeError, /takes 420\d{3} bytes.*at most 409600/) { |error|
                expect(error).to have_attributes(size: be_between(420_000, 421_000), limit: 409_600)
              }
        expect(data(ada)).to eq("name" => "Ada")
      end

      it "is measured as DynamoDB does, to the byte: bytes, not characters" do
        ada = visitor_with("t" => "")
        room = 409_600 - size_of(row(ada))
        ada.visit { |session| session["t"] = "ü" * ((room - 2) / 2) }
        expect(size_of(row(ada))).to be_between(409_590, 409_600)
        expect { ada.visit { |session| session["t"] += "ü" * 20 } }.to raise_error(errors::SessionTooLargeError)
      end

      it "sets no cookie for a new one, nor a new one for one that is renewed" do
        new = visitor(raise_errors: false)
        old = visitor_with("name" => "Ada", raise_errors: false)
        before = old.cookie
        [new, old].each do |visitor|
          visitor.visit do |session, request|
            session["text"] = "x" * 420_000
            request.session_options[:renew] = true
          end
          expect(visitor.set_cookie).to be_nil
        end
        expect([old.cookie, data(old)]).to eq([before, { "name" => "Ada" }])
      end
    end

    describe "because the session holds what cannot be saved" do
      {
        "a number that JSON does not know" => Float::NAN,
        "text that is no UTF-8" => "password \xff",
        "itself" => [].tap { |list| list << list }
      }.each do |kind, value|
        it "names no content, and leaves the old session as it is: #{kind}" do
          ada = visitor_with("name" => "Ada")
          expect { ada.visit { |session| session["value"] = value } }
            .to raise_error(errors::InvalidDataError) { |error| expect(error.message).not_to include("password") }
          expect(data(ada)).to eq("name" => "Ada")
        end
      end
    end
  end

  # Bytes of an item, as DynamoDB counts them: names and values; a number a byte for two digits and one.
  def size_of(item)
    item.sum do |name, value|
      type, text = value.first
      name.bytesize + (type == "N" ? (text.length / 2) + 2 : text.bytesize)
    end
  end

  describe "because DynamoDB or the network fail" do
    include_context "with a fault proxy"

    # Default error handling, and one attempt a call: what is done about a failure is not to wait for retries.
    def patient_visitor_with(**given)
      visitor_with(raise_errors: false, max_attempts: 1, **given)
    end

    def fail_next(operation)
      proxy.refuse(operation, "InternalServerError", status: 500)
    end

    describe "when the session is loaded" do
      let(:ada) { patient_visitor_with("name" => "Ada", "cart" => [1]) }
      let(:good) { { "name" => "Ada", "cart" => [1] } }

      before do
        ada
        fail_next("GetItem")
      end

      it "shows an empty session, says so in the log, and the next request finds the old one" do
        expect(ada.visit(&:to_hash)).to eq({})
        expect(ada.response.errors).to include("InternalServerError")
        expect(ada.visit { |session| session["name"] }).to eq("Ada")
      end

      {
        "put into it" => ->(session, _) { session["name"] = "Eve" },
        "replaced in it" => ->(session, _) { session.replace("name" => "Eve") },
        "cleared from it" => ->(session, _) { session.clear },
        "renewed" => ->(_, request) { request.session_options[:renew] = true },
        "read, and its cookie extended" => lambda do |session, request|
          session["name"]
          request.session_options[:expire_after] = 60
        end
      }.each do |what, changes|
        it "leaves row and cookie as they are, whatever is #{what}" do
          sent = calls { ada.visit(&changes) }
          expect([ada.set_cookie, data(ada)]).to eq([nil, good])
          expect(sent.first).to eq("GetItem")
        end
      end

      it "saves what is put into it under a new id where the application asks for one" do
        before = ada.cookie
        ada.visit do |session, request|
          session["name"] = "Eve"
          request.session_options[:renew] = true
        end
        expect(ada.cookie).not_to eq(before)
        expect([data(before), contents(ada)]).to eq([good, { "name" => "Eve" }])
      end

      it "destroys it all the same where it is to be destroyed" do
        ada.visit(&:destroy)
        expect(row(ada)).to be_nil
      end

      it "asks no second time in the same request" do
        expect(calls { ada.visit { |session| 3.times { session["name"] } } }).to eq(%w[GetItem])
      end

      it "raises with raise_errors, and leaves row and cookie as they are" do
        strict = Visitor.new(store(max_attempts: 1), cookie: ada.cookie)
        expect { strict.visit { |session| session["name"] = "Eve" } }.to raise_error(errors::InternalServerError)
        expect(data(ada)).to eq(good)
      end
    end

    describe "when the session is saved" do
      it "keeps the old data, sets no cookie, and says so in the log" do
        ada = patient_visitor_with("name" => "Ada")
        fail_next("UpdateItem")
        ada.visit { |session| session["name"] = "Eve" }
        expect([ada.response.status, ada.set_cookie, data(ada)]).to eq([200, nil, { "name" => "Ada" }])
        expect(ada.response.errors).to match(/InternalServerError.*failed to save session/m)
      end

      it "sets no cookie for a session that could not be made" do
        fail_next("UpdateItem")
        ada = patient_visitor_with("name" => "Ada")
        expect([ada.response.status, ada.set_cookie]).to eq([200, nil])
      end

      it "does not mind that its use could not be noted" do
        ada = patient_visitor_with("name" => "Ada", touch_interval: 0)
        fail_next("UpdateItem")
        expect(ada.visit { |session| session["name"] }).to eq("Ada")
        expect(contents(ada)).to eq("name" => "Ada")
      end
    end

    describe "when the session is renewed" do
      it "leaves the old cookie and row valid, without what the request changed" do
        ada = patient_visitor_with("name" => "Ada")
        before = ada.cookie
        fail_next("TransactWriteItems")
        ada.visit do |session, request|
          session["name"] = "Eve"
          request.session_options[:renew] = true
        end
        expect([ada.cookie, ada.set_cookie, data(ada)]).to eq([before, nil, { "name" => "Ada" }])
      end
    end

    describe "when the session is destroyed" do
      it "tells the error handler, and does not write the session again" do
        ada = patient_visitor_with("name" => "Ada")
        before = ada.cookie
        fail_next("DeleteItem")
        ada.visit do |session|
          session.destroy
          session["notice"] = "Good-bye"
        end
        expect(ada.response.errors).to include("InternalServerError")
        expect(ada.cookie).not_to eq(before)
        expect([data(before), contents(ada)]).to eq([{ "name" => "Ada" }, { "notice" => "Good-bye" }])
      end
    end

    describe "for the error handler" do
      it "comes with the request, and goes on if the handler returns" do
        recorder = ErrorRecorder.new
        ada = patient_visitor_with("name" => "Ada", error_handler: recorder)
        fail_next("UpdateItem")
        ada.visit("/cart") { |session| session["name"] = "Eve" }
        expect(recorder.errors).to match([an_instance_of(errors::InternalServerError)])
        expect(recorder.envs.first).to include("PATH_INFO" => "/cart")
      end

      it "ends the request if the handler raises" do
        handler = Object.new
        def handler.handle_error(error, _env) = raise(error)
        ada = patient_visitor_with("name" => "Ada", error_handler: handler)
        fail_next("GetItem")
        expect { ada.visit { |session| session["name"] } }.to raise_error(errors::InternalServerError)
      end

      it "has DynamoDB's code and words" do
        ada = patient_visitor_with("name" => "Ada", raise_errors: true)
        proxy.refuse("GetItem", "ItemCollectionSizeLimitExceededException", message: "Too much")
        expect { ada.visit { |session| session["name"] } }
          .to raise_error(errors::ServiceError, /GetItem on .*Too much/) { |error|
                expect(error.code).to eq("ItemCollectionSizeLimitExceededException")
              }
      end

      it "is raised whatever raise_errors says where only the configuration can mend it" do
        ada = patient_visitor_with("name" => "Ada")
        proxy.refuse("GetItem", "AccessDeniedException")
        expect { ada.visit { |session| session["name"] } }.to raise_error(errors::AccessDeniedException, /IAM policy/)
      end

      it "is a NetworkError where no answer came" do
        ada = patient_visitor_with("name" => "Ada", raise_errors: true)
        %i[drop cut].each do |fault|
          proxy.public_send(fault, "GetItem")
          expect { ada.visit { |session| session["name"] } }.to raise_error(errors::NetworkError, /GetItem on /)
        end
      end
    end
  end
end
