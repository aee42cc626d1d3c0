# shellcheck shell=bash
# Amazon's DynamoDB Local, which the specs start (spec/support/dynamodb_local.rb), in tmp/dynamodb-local.

dynamodb_local_package=amplify-dynamodb-simulator@2.9.30

install_dynamodb_local() {
  local folder=tmp/dynamodb-local archive
  [ ! -e "$folder/DynamoDBLocal.jar" ] || return 0

  echo "Fetching Amazon's DynamoDB Local (npm package $dynamodb_local_package)"
  rm -rf "$folder.new"
  mkdir -p "$folder.new"
  archive=$(cd "$folder.new" && npm pack --loglevel=error "$dynamodb_local_package") ||
    fail "npm could not fetch $dynamodb_local_package, which carries DynamoDB Local."
  tar -xzf "$folder.new/$archive" -C "$folder.new" package/emulator
  rm -rf "$folder"
  mv "$folder.new/package/emulator" "$folder"
  rm -r "$folder.new"
}
