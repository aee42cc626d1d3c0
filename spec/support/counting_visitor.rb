# frozen_string_literal: true

require "support/http_client"

# A visitor of the demo application who counts, on a server that crashes, and knows what they were shown: it is never
# taken back.
class CountingVisitor
  CRASHED = [SystemCallError, EOFError, Timeout::Error, Net::HTTPBadResponse].freeze
  private_constant :CRASHED

  # @return [Integer] the last count on a page
  attr_reader :shown

  # @param url [String]
  def initialize(url)
    @browser = HttpClient.new(url)
    @shown = 0
    @asked = 0
  end

  # Counts until the block says that it is enough.
  #
  # @raise [RuntimeError] when a page shows what it may not
  def count
    add_one until yield
  end

  private

  def add_one
    @browser.get("/")
    look
    @asked += 1
    @browser.submit("Add one")
    look(at_least: @shown + 1)
  rescue *CRASHED
    # Whether this one was counted, nobody knows.
  end

  def look(at_least: @shown)
    page = @browser.page
    raise "#{page.status}: #{page.body}" unless page.status == 200

    count = page.text("#count").to_i
    raise "shown #{count} after #{@shown}, asked #{@asked} times" unless count.between?(at_least, @asked)

    @shown = count
  end
end
