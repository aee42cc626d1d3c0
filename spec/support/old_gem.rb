# frozen_string_literal: true

require "json"
require "openssl"
require "securerandom"
require "support/raw_rows"

# A process of an older version of the gem, as far as it shares a table with others: its cookies, and where and how it
# keeps sessions. From the documented formats, without any code of this gem.
class OldGem
  # @param rows [RawRows] of the table
  # @param secret [String]
  # @param format [:marshal, :json] versions 0.5 to 3, or 4
  def initialize(rows, secret:, format:)
    @rows = rows
    @secret = secret
    @format = format
  end

  # @return [String] the cookie of a new session
  def create(session)
    sid = SecureRandom.hex(32)
    "#{hmac(sid)}--#{sid}".tap { |cookie| save(cookie, session, "created_at" => now) }
  end

  # @return [Hash, nil] nil for a cookie that it refuses, or knows no session of
  def load(cookie)
    digest, sid = cookie.split("--")
    return unless sid && digest == hmac(sid)

    data = row(cookie)&.dig("data", "S")
    data && decode(data)
  end

  # Locked or not, whole: such a process knows nothing of other attributes, and leaves them.
  def save(cookie, session, attributes = {})
    @rows.put([{ **row(cookie).to_h, "session_id" => { "S" => cookie }, "data" => { "S" => encode(session) },
                                     "updated_at" => now, "expire_at" => { "N" => Time.now.to_i.to_s }, **attributes }])
  end

  private

  def row(cookie)
    Aws::SessionStore::DynamoDB::Table.item(cookie, @rows.options.merge(row_ids: :public))
  end

  def hmac(sid)
    OpenSSL::HMAC.hexdigest("MD5", @secret, sid)
  end

  def encode(session)
    @format == :json ? JSON.generate(session) : [Marshal.dump(session)].pack("m*")
  end

  def decode(data)
    @format == :json ? JSON.parse(data) : Marshal.load(data.unpack1("m*")) # rubocop:disable Security/MarshalLoad
  end

  def now
    { "S" => Time.now.to_f.to_s }
  end
end
