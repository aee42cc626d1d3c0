#!/usr/bin/env bash
# Makes a Ruby of Debian's suite experimental, as ruby3.4, the one that is called `ruby`. Only for the roots that
# bin/matrix makes: in there, bin/support/newer_ruby.sh RUBY.
#
# Debian has the gems without an extension for every Ruby, those with one for its own. Rails needs two of them, which
# are built here from Debian's sources.
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/prepare.sh"

newer=$1
sources=/etc/apt/sources.list.d

install_newer_ruby() {
  sed -E 's/^(Suites:|deb.*) forky/\1 experimental/' "$sources"/debian.* >"$sources/experimental.$(source_format)"
  sed -E 's/^(Types: )?deb( |$)/\1deb-src\2/' "$sources"/debian.* >"$sources/sources.$(source_format)"
  apt_get update
  apt_get install --no-install-recommends "$newer" "$newer-dev" libxml2-dev libxslt1-dev libsqlite3-dev
}

source_format() {
  local file
  for file in "$sources"/debian.*; do echo "${file##*.}"; done
}

# The gem NAME, from Debian's source package ruby-NAME.
build_gem() {
  local name=$1 folder
  "$newer" -e 'gem ARGV.first' "$name" 2>/dev/null && return 0

  shift
  folder=$(mktemp -d)
  (cd "$folder" && apt-get -qq source "ruby-$name" >/dev/null) || fail "Debian's mirror has no sources of ruby-$name: see above."
  (
    cd "$folder"/ruby-"$name"-*/ &&
      "${newer/ruby/gem}" build --silent --output "$folder/$name.gem" "$name.gemspec" &&
      "${newer/ruby/gem}" install --silent --local --ignore-dependencies --no-document "$folder/$name.gem" -- "$@"
  ) || fail "the gem $name could not be built for $newer: see above."
  rm -r "$folder"
}

install_debian_packages build demo test
have "$newer" || install_newer_ruby
build_gem nokogiri --use-system-libraries
build_gem sqlite3 --enable-system-libraries
ln -sf "$newer" /usr/bin/ruby
