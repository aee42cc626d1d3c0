# frozen_string_literal: true

# That of a Rails application loads it; elsewhere there is nothing to load.
task :environment

namespace :dynamo_db do
  desc "Delete expired sessions from DynamoDB (DRY_RUN=1 only counts them; MAX_CAPACITY=n units a second; " \
       "SEGMENT=n of TOTAL_SEGMENTS=m)"
  task collect_garbage: :environment do
    puts Aws::SessionStore::DynamoDB::GarbageCollection.collect_garbage(
      Aws::SessionStore::DynamoDB::GarbageCollection.environment_options
    )
  end

  namespace :session_store do
    desc "Create the DynamoDB table of the sessions"
    task create_table: :environment do
      Aws::SessionStore::DynamoDB::Table.create_table
    end

    desc "Delete the DynamoDB table of the sessions, with all sessions"
    task delete_table: :environment do
      Aws::SessionStore::DynamoDB::Table.delete_table
    end

    desc "Check configuration, credentials, clock, table, TTL and permissions (writes a row and deletes it)"
    task doctor: :environment do
      exit(false) unless Aws::SessionStore::DynamoDB::Doctor.run
    end

    desc "The same as dynamo_db:collect_garbage"
    task clean: "dynamo_db:collect_garbage"
  end
end

namespace :db do
  namespace :sessions do
    desc "The same as dynamo_db:collect_garbage"
    task cleanup: "dynamo_db:collect_garbage"
  end
end
