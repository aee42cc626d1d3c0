# frozen_string_literal: true

require "aws-sessionstore-dynamodb"
require "open3"
require "support/engines"
require "tmpdir"

RSpec.describe "A Rakefile without Rails", :aggregate_failures do
  # "Outside of Rails" in the documents of 2013 to 2016, to the letter; but they write
  # `max_stale` without its colon, which no Ruby takes.
  let(:rakefile) { <<~RUBY }
    require "aws-sessionstore-dynamodb"

    desc 'Perform Garbage Collection'
    task :garbage_collect do |t|
     options = {:max_age => 3600*24, :max_stale => 5*3600 }
     AWS::SessionStore::DynamoDB::GarbageCollection.collect_garbage(options)
    end
  RUBY

  around { |example| Dir.mktmpdir { |folder| (@folder = folder) && example.run } }

  # @return [String] what it printed
  def rake(task, options, rakefile = self.rakefile)
    File.write("#{@folder}/Rakefile", rakefile)
    env = options.transform_keys { |name| "AWS_DYNAMO_DB_SESSION_#{name.upcase}" }
    lib = File.expand_path("../lib", __dir__)
    output, status = Open3.capture2e(env, "ruby", "-I#{lib}", "-S", "rake", task, chdir: @folder)
    expect(status).to be_success, output
    output
  end

  each_engine do |engine|
    let(:options) do
      # In the memory of the embedded engine no two processes would meet.
      endpoint = engine.endpoint == "embedded" ? "embedded:#{@folder}/sessions.sqlite3" : engine.endpoint
      engine.options.merge(endpoint:)
    end

    it "collects the garbage by the limits that it gives" do
      expect { Aws::SessionStore::DynamoDB::Table.create_table(options) }.to output(/created/).to_stdout
      store = Aws::SessionStore::DynamoDB::Native.store(Aws::SessionStore::DynamoDB::Configuration.new(options))
      [23, 25].each { |hours| store.create(hours.to_s, ["{}", Time.now.to_f - (hours * 3600), nil]) }

      expect(rake("garbage_collect", options)).to eq("")
      expect([23, 25].select { |hours| store.item(hours.to_s) }).to eq([23])
    end

    it "loads the tasks of this gem" do
      tasks = <<~RUBY
        require "aws-sessionstore-dynamodb"
        load "tasks/dynamo_db/session_store.rake"
      RUBY
      own = options.merge(table_name: "#{engine.table_name}-tasks")
      expect(rake("dynamo_db:session_store:create_table", own, tasks)).to include("is now ready to use")
      expect(rake("dynamo_db:session_store:doctor", own, tasks)).to include("0 problems, 2 warnings.")
    end
  end
end
