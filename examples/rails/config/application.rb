# frozen_string_literal: true

# Rails before 7.1 uses Logger without requiring it.
require "logger"
require "rails"
require "action_controller/railtie"
require "action_view/railtie"
require "aws-sessionstore-dynamodb"

module Demo
  # Shows a visitor their own session, and the row in which DynamoDB keeps it.
  class Application < Rails::Application
    config.root = File.expand_path("..", __dir__)
    config.load_defaults "#{Rails::VERSION::MAJOR}.#{Rails::VERSION::MINOR}"
    config.eager_load = true

    # The page tells what happens; the terminal only what goes wrong.
    config.logger = ActiveSupport::Logger.new($stdout)
    config.log_level = :warn
  end
end
