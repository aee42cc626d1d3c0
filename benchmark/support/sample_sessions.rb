# frozen_string_literal: true

require "json"

module Benchmark
  # Sessions as applications have them, the same at every run. What is random in an application, such as tokens and
  # ids, is random here too: it cannot be compressed.
  class SampleSessions
    ROOT = File.expand_path("../..", __dir__)
    WORDS = %w[Linen Cotton Oak Walnut Copper Small Large Round Classic Travel Kitchen Garden Wall Table Desk Reading
               Lamp Chair Bowl Mug Shirt Blanket Notebook Basket Mirror Shelf].freeze
    FLASH = { "discard" => [], "flashes" => { "notice" => "Your changes were saved." } }.freeze
    private_constant :ROOT, :WORDS, :FLASH

    # @return [Hash{String => Hash}] by what each is
    def self.all
      new.all
    end

    def initialize
      @random = Random.new(1)
    end

    def all # rubocop:disable Metrics/AbcSize -- a table
      {
        "visitor: CSRF token" => visitor,
        "signed in (Devise)" => devise,
        "signed in, single sign-on token" => devise.merge("id_token" => id_token),
        "cart, 3 items" => devise.merge("cart" => cart(3)),
        "cart, 10 items" => devise.merge("cart" => cart(10)),
        "cart, 50 items" => devise.merge("cart" => cart(50)),
        "cart, 400 items" => devise.merge("cart" => cart(400)),
        "form draft, 1 KB" => devise.merge("draft" => draft(1)),
        "form draft, 4 KB" => devise.merge("draft" => draft(4)),
        "form draft, 20 KB" => devise.merge("draft" => draft(20)),
        "random bytes, 8 KB" => { "state" => token(6 * 1024) }
      }
    end

    private

    def token(bytes)
      [@random.bytes(bytes)].pack("m0")
    end

    def uuid
      @random.bytes(16).unpack("H8H4H4H4H12").join("-")
    end

    def visitor
      { "session_id" => @random.bytes(16).unpack1("H*"), "_csrf_token" => token(32) }
    end

    def devise
      visitor.merge(
        "warden.user.user.key" => [[@random.rand(100_000)], "$2a$12$#{token(16)[0, 22]}"],
        "warden.user.user.session" => { "last_request_at" => 1_790_000_000 + @random.rand(100_000) },
        "user_return_to" => "/orders/#{@random.rand(100_000)}", "locale" => "en", "flash" => FLASH
      )
    end

    # A signed token (JWT), whose claims are Base64 and whose signature is random.
    def id_token
      claims = { "iss" => "https://login.example.com/", "sub" => uuid, "aud" => uuid, "iat" => 1_790_000_000,
                 "exp" => 1_790_003_600, "name" => "Ada Lovelace", "email" => "ada@example.com",
                 "groups" => Array.new(4) { uuid } }
      [[JSON.generate("alg" => "RS256", "kid" => uuid)].pack("m0"), [JSON.generate(claims)].pack("m0"),
       token(256)].join(".")
    end

    def cart(items)
      Array.new(items) do
        { "product_id" => @random.rand(100_000), "variant_id" => uuid, "sku" => "SKU-#{@random.rand(1_000_000)}",
          "name" => Array.new(3) { WORDS.sample(random: @random) }.join(" "), "quantity" => 1 + @random.rand(4),
          "unit_price_cents" => 100 * @random.rand(1..90), "currency" => "EUR", "gift_wrap" => false }
      end
    end

    # Prose: this project's own.
    def draft(kilobytes)
      @prose ||= %w[docs/architecture.md UPGRADING.md].map { |file| File.read(File.join(ROOT, file)) }.join
      { "title" => "A draft", "tags" => %w[news product], "published" => false,
        "body" => @prose.byteslice(0, kilobytes * 1024).scrub("") }
    end
  end
end
