# frozen_string_literal: true

require "mkmf"
require "rb_sys/mkmf"

# Under the name by which lib/ requires it. RB_SYS_CARGO_PROFILE (release or dev) and RB_SYS_CARGO_TARGET_DIR are
# honoured; `gem install` always builds for release.
create_rust_makefile("aws/session_store/dynamo_db/aws_sessionstore_dynamodb")
