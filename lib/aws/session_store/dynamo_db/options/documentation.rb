# frozen_string_literal: true

require "json"

module Aws::SessionStore::DynamoDB
  module Options
    # The table of options as text: for the README, for the YAML file that the generators write, and for the
    # documentation of {Configuration}.
    #
    # @api private
    module Documentation
      # @return [String] a Markdown table for each group of options
      def to_markdown
        Options::ALL.group_by(&:group).map do |group, options|
          ["### #{group}", "", "| Option | Type | Default | Unit | Environment variable | Meaning |",
           "|---|---|---|---|---|---|", *options.map { |option| markdown_row(option) }].join("\n")
        end.join("\n\n") << "\n"
      end

      # @return [String] a YAML file with every option in it, commented out
      def to_yaml_template
        groups = Options::ALL.select { |option| option.origins.include?(:yaml) }.group_by(&:group)
        sections = groups.map do |group, options|
          ["# --- #{group}", *options.map { |option| yaml_entry(option) }].join("\n\n")
        end
        [YAML_HEAD, *sections, YAML_ENVIRONMENTS].join("\n\n") << "\n"
      end

      # @return [String] comments for YARD on the readers of {Configuration}, save for those that it documents itself
      def to_yard
        Options::ALL.reject { |option| DOCUMENTED.include?(option.name) }.map { |option| yard_attribute(option) }.join
      end

      # What these readers return is not, or not only, what was given.
      DOCUMENTED = %i[secret_key compress error_handler].freeze
      # Characters of a line, and what it begins with.
      YARD_WIDTH = 120
      YARD_INDENT = "    #     "
      private_constant :DOCUMENTED, :YARD_WIDTH, :YARD_INDENT

      YAML_HEAD = <<~TEXT.chomp
        # Options of the DynamoDB session store. Remove the # in front of a line to set an option.
        #
        # ERB is evaluated. An environment variable goes before this file, and Ruby code before both:
        # AWS_DYNAMO_DB_SESSION_TABLE_NAME=... sets table_name, and so on for all options.
      TEXT

      YAML_ENVIRONMENTS = <<~TEXT.chomp
        # --- Options of one environment
        #
        # The embedded engine needs no AWS account: in a file for development, in memory for tests.

        # development:
        #   endpoint: embedded:tmp/sessions.sqlite3

        # test:
        #   endpoint: embedded
      TEXT
      private_constant :YAML_HEAD, :YAML_ENVIRONMENTS

      private

      def markdown_row(option)
        variable = option.environment_name ? "`#{option.environment_name}`" : "only in Ruby code"
        default = option.default.nil? ? "none" : "`#{option.default.inspect}`"
        "| `#{option.name}` | #{option.type.name} | #{default} | #{option.unit} | #{variable} | #{option.meaning} |"
      end

      def yard_attribute(option)
        types = option.type.name.split(" or ")
        types << "nil" if option.default.nil?
        unit = " Unit: #{option.unit}." if option.unit
        default = " Default: #{option.default.inspect}." unless option.default.nil?
        text = "@return [#{types.join(", ")}] #{option.meaning}#{unit}#{default}"
        lines = text.scan(/\S.{0,#{YARD_WIDTH - YARD_INDENT.length - 1}}(?=\s|\z)/o)
        "    # @!attribute [r] #{option.name}\n#{lines.join("\n#{YARD_INDENT}").prepend("    #   ")}\n"
      end

      def yaml_entry(option)
        default = option.default.nil? ? "none" : option.default
        unit = " in #{option.unit}" if option.unit
        "# [#{option.type.name}#{unit}, default: #{default}] #{option.meaning}\n# #{option.name}: #{yaml_value(option)}"
      end

      def yaml_value(option)
        value = option.default.nil? ? option.example : option.default
        # JSON is YAML, and a tag of a mapping stays on the line.
        value.is_a?(Hash) ? JSON.generate(value) : value
      end
    end
  end
end
