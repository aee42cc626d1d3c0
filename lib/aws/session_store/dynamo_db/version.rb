# frozen_string_literal: true

module Aws
  module SessionStore
    module DynamoDB
      # The gem's version.
      VERSION = File.read(File.expand_path("../../../../VERSION", __dir__)).strip.freeze
    end
  end
end
