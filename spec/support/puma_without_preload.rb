# frozen_string_literal: true

# Each worker loads the application itself.
preload_app! false
