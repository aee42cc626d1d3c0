# frozen_string_literal: true

require_relative "rack_session"

module Aws::SessionStore::DynamoDB
  # Session ids: signed for the cookie, hashed for the table.
  #
  # A cookie's value is `<hmac>--<sid>`: the sid comes from Rack's or Rails' generator, the hmac is its hex HMAC-SHA256
  # under the secret key. The row's key is Rack's private id of that value, so that whoever reads the table cannot
  # forge a cookie.
  #
  # The gems that this one replaces signed with HMAC-MD5 and used the cookie's value as the row's key. Such cookies are
  # accepted with `legacy_cookies`. With `row_ids: :public` they are also made, so that processes of the old gems accept
  # what this one issues, and keep their rows where those look for them.
  #
  # @api private
  class SessionIds
    # Bytes. Ours have 98; what is much longer was not made by any version.
    MAX_LENGTH = 512
    SEPARATOR = "--"
    private_constant :SEPARATOR

    # Old gems look nowhere but under the public id, and know no cookies but those signed with MD5: all others are
    # better off with a private id.
    #
    # @param sid [Rack::Session::SessionId] a valid one
    # @param public [Boolean] whether rows have public ids
    # @return [String] the key of its row
    def self.row_id(sid, public:)
      public && legacy?(sid) ? sid.public_id : sid.private_id
    end

    # @param sid [Rack::Session::SessionId] a valid one
    # @return [Boolean] whether it is signed as old gems do
    def self.legacy?(sid)
      sid.public_id.index(SEPARATOR) == MD5_LENGTH
    end

    # @param secret_keys [Array<String>] the first signs, all verify
    # @param legacy_cookies [Boolean] whether cookies signed with HMAC-MD5 are accepted
    # @param row_ids [Symbol] :private or :public
    # @raise [Errors::ConfigurationError] for public row ids where MD5 cannot be had
    def initialize(secret_keys:, legacy_cookies:, row_ids:)
      @secret_keys = secret_keys
      @signer = Native::Signer.new(secret_keys)
      @public_rows = row_ids == :public
      @legacy = legacy_cookies || @public_rows
      return unless @public_rows && !md5?

      raise Errors::ConfigurationError.new(
        "row_ids: :public signs cookies as the old gems do, with HMAC-MD5, which this OpenSSL does not offer " \
        "(FIPS). Valid: :private", option: :row_ids, value: row_ids
      )
    end

    # @param sid [Rack::Session::SessionId] as Rack generates it
    # @return [Rack::Session::SessionId] the same, signed
    def sign(sid)
      signature = @public_rows ? md5(@secret_keys.first, sid.public_id) : @signer.sign(sid.public_id)
      Rack::Session::SessionId.new(signature + SEPARATOR + sid.public_id)
    end

    # @param cookie [String, Object] what the client sent: any bytes of any length; as a parameter also an Array or Hash
    # @return [Boolean] whether this gem, or with legacy cookies an older one, made it
    def valid?(cookie)
      return false unless cookie.is_a?(String) && cookie.bytesize <= MAX_LENGTH

      signature, separator, sid = cookie.b.partition(SEPARATOR)
      return false if separator.empty? || sid.empty?

      signed?(signature, sid)
    end

    # @param sid [Rack::Session::SessionId] a valid one
    # @return [String] the key of its row
    def row_id(sid)
      SessionIds.row_id(sid, public: @public_rows)
    end

    # Where to look for a session's row. It may lie in another place than its own where old gems were, or still are, and
    # then moves at its next save, perhaps between two looks: so its own place comes once more.
    #
    # @param sid [Rack::Session::SessionId] a valid one
    # @return [Array<String>] keys of rows, in the order of the search
    def row_ids(sid)
      own = row_id(sid)
      SessionIds.legacy?(sid) ? [own, SessionIds.row_id(sid, public: !@public_rows), own] : [own]
    end

    # @return [String] without the secret keys
    def inspect
      "#<#{self.class}>"
    end

    MD5_LENGTH = 32
    SHA256_LENGTH = 64
    private_constant :MD5_LENGTH, :SHA256_LENGTH

    private

    def signed?(signature, sid)
      case signature.bytesize
      when SHA256_LENGTH then @signer.accepts?(signature, sid)
      when MD5_LENGTH then @legacy && md5? && md5_signed?(signature, sid)
      else false
      end
    end

    def md5_signed?(signature, sid)
      @secret_keys.any? { |key| Rack::Utils.secure_compare(md5(key, sid), signature) }
    end

    # By OpenSSL, which is large: it is loaded where an old gem's cookies are, and the core knows no MD5.
    def md5(key, sid)
      require "openssl"
      OpenSSL::HMAC.hexdigest("MD5", key, sid)
    end

    def md5?
      return @md5 unless @md5.nil?

      @md5 = begin
        !md5("key", "sid").empty?
      rescue OpenSSL::OpenSSLError, RuntimeError
        false
      end
    end
  end
end
