# frozen_string_literal: true

require "rack"
require "timeout"

module ModelCheck
  # The cookies of each user's browser, the newest last; the windows, and processes, in which it is used share them.
  class Browsers
    # @param folder [String] where they are kept
    def initialize(folder)
      @folder = folder
    end

    # @param request [Plan::Request]
    # @return [String, nil] the cookie to send
    def cookie(request)
      cookies = File.exist?(path(request.user)) ? File.readlines(path(request.user), chomp: true) : []
      request.stale ? cookies[(request.stale * cookies.size).to_i] : cookies.last
    end

    # @param user [String]
    # @param cookie [String] from a response
    def keep(user, cookie)
      File.write(path(user), "#{cookie}\n", mode: "a")
    end

    private

    def path(user)
      File.join(@folder, "#{user}.cookies")
    end
  end

  # One client: sends requests to the session store, and plays the application behind it.
  class Client
    # What the application of a request raises.
    class Failure < StandardError; end

    # The application: the visit that is under way does what its plan says.
    APPLICATION = ->(env) { env.fetch("model_check.visit").answer(Rack::Request.new(env)) }

    # Tells the visit in whose request something went wrong.
    ERRORS = Object.new.tap do |handler|
      def handler.handle_error(error, env)
        env.fetch("model_check.visit").errors << error.class.name
        false
      end
    end

    # @param name [String]
    # @param store [#call] the session store around {APPLICATION}
    # @param log [Log]
    # @param browsers [Browsers]
    # @param pause [#call] what a pause of the application does
    def initialize(name, store:, log:, browsers:, pause:)
      @name = name
      @store = store
      @log = log
      @browsers = browsers
      @pause = pause
    end

    # @param requests [Array<Plan::Request>]
    def run(requests)
      requests.each_with_index do |request, number|
        visit = Visit.new("#{@name}.#{number}", request, @log, @pause)
        cookie = visit.run(@store, @browsers.cookie(request))
        @browsers.keep(request.user, cookie) if cookie
      end
    end
  end

  # One request on its way. What it does and sees goes into the log.
  class Visit
    # @return [Array<String>] the classes of what was reported to the error handler
    attr_reader :errors

    def initialize(name, request, log, pause)
      @name = name
      @plan = request
      @log = log
      @pause = pause
      @errors = []
    end

    # @param store [#call]
    # @param cookie [String, nil] to send
    # @return [String, nil] the cookie that came back
    def run(store, cookie)
      @cookie = cookie
      note(:start, user: @plan.user, cookie:, steps: @plan.steps)
      status, headers, = @plan.timeout ? Timeout.timeout(@plan.timeout) { call(store) } : call(store)
      cookie = cookie_of(headers)
      note(:end, status:, cookie:, errors:)
      cookie
    rescue Client::Failure
      note(:failed)
      nil
    rescue Timeout::Error
      # What became of it is not known, as for a process that was killed.
      nil
    end

    # What the application does.
    #
    # @param request [Rack::Request]
    # @return [Array] Rack's response
    def answer(request)
      session = request.session
      load(session)
      @plan.steps.each_with_index do |(step, *arguments), number|
        @step = number
        send(step, session, *arguments)
      end
      note(:done, session: session.to_hash, renew: session.options[:renew], skip: session.options[:skip])
      [200, {}, []]
    end

    private

    def call(store)
      cookies = @cookie ? { "HTTP_COOKIE" => "rack.session=#{@cookie}" } : {}
      store.call(Rack::MockRequest.env_for("/", "model_check.visit" => self, **cookies))
    end

    def load(session)
      data = session.to_hash
      # Only an id that is not the cookie's says that there is no such session: an empty one is one, too.
      found = @cookie && session.id&.public_id == @cookie
      note(:loaded, session: found ? data : nil, failed: errors.any?)
    end

    # What the steps of a plan mean.

    def set(session, key)
      session[key] = [@plan.user, "#{@name}.#{@step}"]
    end

    def count(session)
      session["count"] = [@plan.user, session["count"].to_a.last.to_i + 1]
    end

    def delete(session, key)
      session.delete(key)
    end

    def clear(session)
      session.clear
    end

    def renew(session)
      session.options[:renew] = true
    end

    def skip(session)
      session.options[:skip] = true
    end

    def pause(_session, seconds)
      @pause.call(seconds)
    end

    def fail(_session)
      raise Client::Failure
    end

    def destroy(session)
      before = errors.size
      note(:destroy)
      session.destroy
      note(:destroyed) if errors.size == before
    end

    def cookie_of(headers)
      line = headers.find { |name, _| name.downcase == "set-cookie" }&.last
      Array(line).flat_map { |each| each.split("\n") }.map { |each| each[/\Arack\.session=([^;]*)/, 1] }.first
    end

    def note(event, **details)
      @log.note(event, request: @name, **details)
    end
  end
end
