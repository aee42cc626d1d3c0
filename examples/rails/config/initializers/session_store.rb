# frozen_string_literal: true

Rails.application.config.session_store(
  :dynamodb_store,
  key: "_demo_session",
  # The embedded engine, for a demonstration that needs no AWS account. Without this line: DynamoDB in AWS.
  endpoint: ENV.fetch("AWS_DYNAMO_DB_SESSION_ENDPOINT", "embedded:#{Rails.root.join("tmp/sessions.sqlite3")}")
)

# An application of your own creates its table once, by `Table.create_table`; a demonstration has it when it starts.
Rails.application.config.after_initialize do
  table = Aws::SessionStore::DynamoDB::Table
  table.create_table unless table.exist?
end
