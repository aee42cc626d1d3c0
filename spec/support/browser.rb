# frozen_string_literal: true

require "selenium-webdriver"

# A headless Chromium with tabs, and a cookie jar of its own.
class Browser
  SECONDS = 20
  private_constant :SECONDS

  # @return [Selenium::WebDriver::Driver]
  attr_reader :driver

  def initialize
    # Root, as in CI, may not use Chromium's sandbox; a container's /dev/shm may be too small for it.
    arguments = %w[--headless=new --disable-dev-shm-usage]
    arguments << "--no-sandbox" if Process.uid.zero?
    options = Selenium::WebDriver::Chrome::Options.new(args: arguments)
    service = Selenium::WebDriver::Service.chrome(path: chromedriver)
    @driver = Selenium::WebDriver.for(:chrome, options:, service:)
    @driver.manage.timeouts.page_load = SECONDS
  end

  def visit(url)
    driver.get(url.to_s)
  end

  # @param selector [String] CSS
  # @return [String, nil] the text of the element; nil where there is none
  def text(selector)
    driver.find_elements(css: selector).first&.text
  end

  # @return [Array<String>]
  def texts(selector)
    driver.find_elements(css: selector).map(&:text)
  end

  # @param label [String] of a form's field
  def fill_in(label, value)
    id = driver.find_element(xpath: "//label[normalize-space()=#{label.inspect}]")["for"]
    driver.find_element(id:).tap(&:clear).send_keys(value.to_s)
  end

  # Presses a button and returns when the next page is there.
  def press(button)
    driver.execute_script("window.left = true")
    find_button(button).click
    wait { driver.execute_script("return !window.left && document.readyState === 'complete'") }
  end

  # Presses a button and does not wait for what it does.
  def press_and_leave(button)
    driver.execute_script("const button = arguments[0]; setTimeout(() => button.click())", find_button(button))
  end

  # @return [String] the tab, in which everything happens from now on
  def new_tab(url)
    driver.switch_to.new_window(:tab)
    visit(url)
    driver.window_handle
  end

  def switch_to(tab)
    driver.switch_to.window(tab)
  end

  # Waits until the block returns something. It may look at a page that is just going away.
  def wait(&)
    Selenium::WebDriver::Wait.new(timeout: SECONDS, ignore: [Selenium::WebDriver::Error::WebDriverError]).until(&)
  end

  def quit
    driver.quit
  end

  private

  # The system's, where there is one: Selenium would ask the network for one that fits Chromium's version better.
  def chromedriver
    ENV.fetch("PATH").split(File::PATH_SEPARATOR).map { |folder| File.join(folder, "chromedriver") }
       .find { |path| File.executable?(path) }
  end

  # An <input> has its label as its value, a <button> as its text.
  def find_button(name)
    driver.find_elements(css: "[type=submit]").find { |button| [button["value"], button.text].include?(name) } ||
      raise("The page has no button #{name.inspect}:\n#{driver.page_source}")
  end
end
