# frozen_string_literal: true

require "delegate"
require "yard"

# What of the loaded code is for applications: every constant and method, save for what its documentation, or that of
# what it is in, calls `@api private`.
module PublicInterface
  ROOT = File.expand_path("../..", __dir__)

  # Of the modules that are not this gem's alone, what is.
  ENTRIES = %w[
    Aws::SessionStore AWS ActionDispatch::Session::DynamodbStore ActionDispatch::Session::DynamoDbStore
  ].freeze

  class << self
    # @return [Hash{String => Object}] constants by their paths, modules and classes among them
    def constants
      @constants ||= ENTRIES.flat_map { |path| below(path, Object.const_get(path)) }.to_h
    end

    # @return [Hash{String => Module}] those of the constants that are modules under their own names
    def modules
      constants.select { |path, value| value.is_a?(Module) && value.name == path }
    end

    # @return [Hash{String => Method, UnboundMethod}] by their paths: `Aws::SessionStore::DynamoDB::Table.exist?`,
    #   `Aws::SessionStore::DynamoDB::Configuration#inspect`; of a class also its own `initialize`
    def methods
      modules.flat_map { |path, mod| instance_methods(path, mod) + singleton_methods(path, mod) }.to_h
             .reject { |path, _| private_api?(path) }
    end

    # @param path [String]
    # @return [YARD::CodeObjects::Base, nil]
    def documentation(path)
      registry.at(path)
    end

    # @param documentation [YARD::CodeObjects::Base]
    # @return [Array<YARD::CodeObjects::Base>] what it is in, up to the gem's own module
    def containers(documentation)
      container = documentation.namespace
      return [] if container.root? || container.path == "Aws::SessionStore::DynamoDB"

      [container, *containers(container)]
    end

    # @param path [String]
    # @return [Boolean]
    def private_api?(path)
      found = registry.at(path)
      container = path[/\A(.*)(::|\.|#)/, 1]
      (found && found.tag(:api)&.text == "private") || (container ? private_api?(container) : false)
    end

    private

    def below(path, value)
      return [] if private_api?(path)

      inner = value.is_a?(Module) && value.name == path ? value.constants(false) : []
      [[path, value]] + inner.flat_map { |name| below("#{path}::#{name}", value.const_get(name)) }
    end

    def instance_methods(path, mod)
      names = mod.public_instance_methods(false)
      names += [:initialize] if mod.private_instance_methods(false).include?(:initialize)
      # What a Delegator hands on is the interface of something else.
      names = [] if mod < Delegator
      # A Struct has writers, which nobody is to use.
      names = names.reject { |name| name.end_with?("=") && name != :== } if mod < Struct
      names.map { |name| ["#{path}##{name}", mod.instance_method(name)] }
    end

    def singleton_methods(path, mod)
      names = mod.singleton_class.public_instance_methods(false)
      names -= Struct.new(:member).singleton_class.public_instance_methods(false) if mod.is_a?(Class) && mod < Struct
      names.map { |name| ["#{path}.#{name}", mod.method(name)] }
    end

    def registry
      @registry ||= YARD::Logger.instance.enter_level(YARD::Logger::ERROR) do
        YARD::Registry.clear
        YARD.parse(Dir["#{ROOT}/lib/**/*.rb"])
        YARD::Registry
      end
    end
  end
end
