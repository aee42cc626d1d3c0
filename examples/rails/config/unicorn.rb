# frozen_string_literal: true

listen "127.0.0.1:#{ENV.fetch("PORT", 9292)}"
worker_processes 2

# The session store needs no after_fork: each worker makes its own client at its first call.
preload_app true
