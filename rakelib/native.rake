# frozen_string_literal: true

# In the containers of rb-sys-dock, which compile for another platform, rake-compiler has a task of this name.
unless ENV.key?("RUBY_TARGET")
  desc "Pack a precompiled gem for this platform into pkg/, for the Rubies in PATH or in RUBIES"
  task native: "rb_sys:env:default" do
    require_relative "precompiled_gem"

    in_path = ENV.fetch("PATH").split(":").flat_map { |folder| Dir["#{folder}/ruby[0-9].[0-9]*"] }
    rubies = ENV["RUBIES"]&.split || [RbConfig.ruby, *in_path]
    puts PrecompiledGem.new(Gem::Specification.load("aws-sessionstore-dynamodb.gemspec"), rubies).build
  end
end
