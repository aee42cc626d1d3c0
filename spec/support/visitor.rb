# frozen_string_literal: true

require "aws-sessionstore-dynamodb"
require "rack/test"

# A visitor of an application behind the session store: a browser with its cookies. The application of each request is
# the block that the visitor is given.
#
#   visitor = Visitor.new(RackMiddleware.new(Visitor::APPLICATION, options))
#   visitor.visit { |session| session["name"] = "Ada" }
#   visitor.visit { |session| session["name"] }              # => "Ada"
#   visitor.visit { |_, request| request.session_options[:renew] = true }
#   visitor.set_cookie                                       # => "rack.session=…; path=/; HttpOnly"
class Visitor
  # Calls the block of the visit.
  APPLICATION = lambda do |env|
    request = Rack::Request.new(env)
    visit = env.fetch("specs.visit")
    block = visit[:block]
    # &:clear takes nothing but the session.
    visit[:result] = block&.call(*[request.session, request].first(block.arity == 2 ? 2 : 1))
    [200, { "content-type" => "text/plain" }, ["Hello"]]
  end

  # @return [Rack::MockResponse, nil] the last one
  attr_reader :response

  # @param app [#call] a session store around {APPLICATION}
  # @param cookie [String, nil] the value of the session's cookie to begin with
  # @param key [String] that cookie's name
  def initialize(app, cookie: nil, key: "rack.session")
    @app = app
    @key = key
    @browser = Rack::Test::Session.new(app)
    self.cookie = cookie if cookie
  end

  # Makes a request.
  #
  # @param url [String]
  # @param env [Hash] added to the Rack environment
  # @yieldparam session [Rack::Session::Abstract::SessionHash, ActionDispatch::Request::Session]
  # @yieldparam request [Rack::Request]
  # @return [Object] what the block returns
  def visit(url = "/", env = {}, &block)
    visit = { block: }
    @browser.get(url, {}, env.merge("specs.visit" => visit))
    @response = @browser.last_response
    visit[:result]
  end

  # @return [String, nil] the value of the session's cookie as the browser would send it now
  def cookie
    @browser.cookie_jar[@key]
  end

  def cookie=(value)
    @browser.set_cookie("#{@key}=#{value}")
  end

  # @return [String, nil] the session's cookie in the last response, with its attributes
  def set_cookie
    lines = Array(response.headers["Set-Cookie"]).flat_map { |header| header.split("\n") }
    lines.find { |line| line.start_with?("#{@key}=") }
  end

  # @return [Visitor] another window of the same browser, whose requests may run beside those of this one
  def window
    Visitor.new(@app, cookie:, key: @key)
  end
end
