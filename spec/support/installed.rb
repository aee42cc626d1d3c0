# frozen_string_literal: true

# For examples of what is not on every machine: they are skipped where it is missing, and say what to install. What
# Debian has, bin/setup installs.
module Installed
  def skip_without_gem(name)
    skip "the gem #{name} is not installed" unless gem?(name)
  end

  def skip_without_command(name)
    skip "the command #{name} is not installed" unless command?(name)
  end

  def gem?(name)
    Gem::Specification.find_all_by_name(name).any?
  end

  def command?(name)
    ENV.fetch("PATH").split(File::PATH_SEPARATOR).any? { |folder| File.executable?(File.join(folder, name)) }
  end
end

RSpec.configure { |config| config.include Installed }
