# frozen_string_literal: true

module Aws::SessionStore::DynamoDB
  class Configuration
    # The options in a YAML file: plain, or in a section for each environment, or both; then the section of the present
    # environment goes before what is outside of it.
    #
    # @api private
    class YamlFile
      # @param path [String] relative to the application's root
      # @param source [String] where the path came from
      def initialize(path, source)
        # Most applications have no such file, and shall not load what they do not need.
        require "erb"
        require "yaml"
        @path = path
        @source = source
      end

      # @return [Hash] options as they are written
      # @raise [Errors::ConfigurationError] for a file that is missing or is not a mapping in YAML
      def options
        content = parse(evaluate(read))
        # A file with comments only is empty.
        content = {} if [nil, false].include?(content)
        reject("a file that holds a mapping of options to values: it holds #{content.class}") unless content.is_a?(Hash)

        sections, plain = content.partition { |name, value| section?(name, value) }.map(&:to_h)
        plain.merge(sections.transform_keys(&:to_s)[Application.environment] || {})
      end

      private

      # An option that holds nothing is not set, and neither is a section's: they need not be told apart.
      def section?(name, value)
        return false unless value.nil? || value.is_a?(Hash)

        !Options.find(name.to_s) && !Options.find_rack(name.to_s)
      end

      def read
        File.read(File.absolute_path(@path, Application.root), encoding: "UTF-8")
      rescue SystemCallError => e
        reject("the path of a readable YAML file: #{e.message}")
      end

      def evaluate(text)
        erb = ERB.new(text)
        erb.filename = @path
        erb.result
      rescue StandardError, ScriptError => e
        # What follows the first line shows the file's content, which may hold secrets.
        reject("a YAML file whose ERB can be evaluated: #{e.class}: #{e.message.lines.first&.chomp}")
      end

      def parse(text)
        YAML.safe_load(text, permitted_classes: [Symbol], aliases: true, filename: @path)
      rescue StandardError => e
        reject("a file in YAML with plain values: #{e.message}")
      end

      def reject(expected)
        raise Errors::ConfigurationError.new(
          "config_file: expected #{expected}, got #{@path.inspect} from #{@source}",
          option: :config_file, value: @path, source: @source
        )
      end
    end
  end
end
