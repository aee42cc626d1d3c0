# frozen_string_literal: true

require "net/http"
require "nokogiri"

# A visitor with a browser: real requests over a new connection each, a cookie jar, redirects, forms.
#
#   visitor = HttpClient.new("http://127.0.0.1:9292")
#   visitor.get("/")
#   visitor.submit("Sign in", name: "Ada").text("#who") # => "Ada"
class HttpClient
  # What came back: the last response, after the redirects.
  Page = Struct.new(:status, :headers, :body) do
    def document
      @document ||= Nokogiri::HTML(body)
    end

    # The text of the element that the CSS selector names; nil where there is none.
    def text(selector)
      document.at_css(selector)&.text&.strip
    end
  end

  attr_reader :cookies, :page

  # @param base [String] "http://host:port"
  # @param cookies [Hash] to begin with: name => value
  def initialize(base, cookies: {})
    @base = URI(base)
    @cookies = cookies.dup
  end

  def get(path)
    request(Net::HTTP::Get.new(path))
  end

  # Fills in the form of the page that has this button, and sends it, hidden fields and all.
  def submit(button, **fields)
    form = page.document.css("form").find { |each| labels(each).include?(button) } ||
           raise("The page has no button #{button.inspect}:\n#{page.body}")
    hidden = form.css("input[name]").to_h { |input| [input["name"], input["value"].to_s] }
    post(form["action"], hidden.merge(fields.transform_keys(&:to_s)))
  end

  def post(path, fields, headers = {})
    request(Net::HTTP::Post.new(path, headers).tap { |post| post.set_form_data(fields) })
  end

  def delete(path, headers = {})
    request(Net::HTTP::Delete.new(path, headers))
  end

  private

  # An <input> has its label as its value, a <button> as its text.
  def labels(form)
    form.css("[type=submit]").map { |button| button["value"] || button.text }
  end

  def request(request)
    request["Cookie"] = cookies.map { |name, value| "#{name}=#{value}" }.join("; ") unless cookies.empty?
    response = Net::HTTP.start(@base.host, @base.port, read_timeout: 30) { |http| http.request(request) }
    keep_cookies(response)
    return get(URI(response["Location"]).path) if response.is_a?(Net::HTTPRedirection)

    @page = Page.new(response.code.to_i, response.to_hash, response.body)
  end

  def keep_cookies(response)
    Array(response.get_fields("Set-Cookie")).each do |line|
      name, value = line.split(";").first.split("=", 2)
      @cookies[name] = value
    end
  end
end
