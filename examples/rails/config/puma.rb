# frozen_string_literal: true

directory File.expand_path("..", __dir__)
bind "tcp://127.0.0.1:#{ENV.fetch("PORT", 9292)}"

# Two processes, so that one visitor's requests are answered now by one and now by the other.
workers 2
threads 1, 5
preload_app!

# Puma 6 can lose the order to stop that reaches a worker while it starts.
worker_shutdown_timeout 5
