# frozen_string_literal: true

require "support/demo_server"
require "support/installed"
require "tmpdir"

# The demo application as somebody sees it who has a browser, two tabs and a back button.
RSpec.describe "The demo application in Chromium", :aggregate_failures do
  before(:context) do
    skip_without_gem "selenium-webdriver"
    skip_without_command "chromedriver"
    require "support/browser"
    @folder = Dir.mktmpdir
    @server = DemoServer.new({ "AWS_DYNAMO_DB_SESSION_ENDPOINT" => "embedded:#{@folder}/sessions.sqlite3" }).start
    @browser = Browser.new
  end

  after(:context) do
    @browser&.quit
    @server&.stop
    FileUtils.rm_rf(@folder) if @folder
  end

  attr_reader :browser

  def page
    URI.join(@server.url, "/")
  end

  def session_cookie
    browser.driver.manage.cookie_named("_demo_session")[:value]
  end

  def keep_slowly(note)
    browser.fill_in("A note", note)
    browser.fill_in("Seconds that keeping it takes", 2)
    browser.press_and_leave("Keep it")
  end

  it "signs in, shows a notice once, keeps what two tabs do at the same time, and signs out for good" do
    browser.visit(page)
    browser.fill_in("Your name (any will do)", "Ada")
    browser.press("Sign in")
    expect(browser.text("#who")).to eq("Ada")
    expect(browser.text(".notice")).to include("signed in as Ada")
    browser.visit(page)
    expect(browser.text("#who")).to eq("Ada")
    expect(browser.text(".notice")).to be_nil

    first = browser.driver.window_handle
    second = browser.new_tab(page)
    expect(browser.text("#who")).to eq("Ada")
    [first, second].zip(["of the first tab", "of the second tab"]) do |tab, note|
      browser.switch_to(tab)
      keep_slowly(note)
    end
    [first, second].each do |tab|
      browser.switch_to(tab)
      browser.wait { browser.text(".note") }
      browser.visit(page)
    end
    expect(browser.texts(".note")).to contain_exactly("of the first tab", "of the second tab")

    # Another address than that of the next page, which else is all that the browser's cache has.
    browser.visit("#{page}?signed_in")
    cookie = session_cookie
    browser.press("Sign out")
    expect(browser.text(".notice")).to include("signed out")
    expect(browser.text("#who")).to be_nil
    expect(session_cookie).not_to eq(cookie)

    browser.driver.navigate.back
    expect(browser.driver.current_url).to end_with("?signed_in")
    expect(browser.text("#who")).to be_nil
    expect(browser.texts(".note")).to eq([])

    # A tab that still shows the page of before can do nothing with it.
    browser.switch_to(first)
    expect(browser.text("#who")).to eq("Ada")
    browser.press("Add one")
    expect(browser.text(".alert")).to include("earlier session")
    expect(browser.text("#who")).to be_nil

    # Nor can who kept the cookie.
    browser.driver.manage.add_cookie(name: "_demo_session", value: cookie)
    expect(session_cookie).to eq(cookie)
    browser.visit(page)
    expect(browser.text("#who")).to be_nil
    expect(browser.text("#count")).to eq("0")
  end
end
