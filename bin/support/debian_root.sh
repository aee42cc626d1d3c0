# shellcheck shell=bash
# Folders with a Debian of their own, in which commands are run.
#
# All mounts are made in a mount namespace of the command's own. The kernel takes them away with the last process in
# it, however that ends, and outside of it they were never there: deleting a folder cannot reach what was mounted in it.

prepare_roots() {
  on_debian || fail "this needs Debian: its packages, and debootstrap."
  [ "$(id -u)" -eq 0 ] || fail "this needs root, to make file systems' roots and mounts."
  unshare --mount true 2>/dev/null || fail "this needs the right to mount (CAP_SYS_ADMIN), which this container's root has not."
  ! have debootstrap || return 0
  echo "Installing Debian packages: debootstrap"
  apt_get update
  apt_get install --no-install-recommends debootstrap
}

# Runs a command with mounts and processes of its own, all of which end with it, and with this script, even if that is
# killed. In the background, as only then a Ctrl-C ends the script itself whatever the command makes of it. The script's
# lock (file 9) is not for what it starts.
isolated() {
  setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child "$@" </dev/null 9>&- &
  wait $!
}

# Makes FOLDER a Debian SUITE, unless it already is: from the mirror, and with the key, that this machine uses for its
# own release.
make_root() {
  local folder=$1 suite=$2 release source mirror keyring script=/usr/share/debootstrap/scripts/$2
  [ ! -e "$folder/etc/apt/sources.list.d" ] || return 0

  release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  source=$folder.apt
  if [ -z "$release" ] || ! derived_source "$release" "$suite" "$source"; then
    fail "apt's sources have no Debian mirror for this machine's own release, from which to get $suite."
  fi
  for source in "$source.sources" "$source.list"; do [ ! -e "$source" ] || break; done
  mirror=$(grep -ohE '[a-z]+://[^ ]+' "$source" | head -n 1)
  keyring=$(sed -nE 's/.*signed-by[:=] *(\/[^] ]+).*/\1/Ip' "$source" | head -n 1)

  # A suite that is younger than this debootstrap is made as the unstable one.
  [ -e "$script" ] || script=${script%/*}/sid
  rm -rf --one-file-system "$folder.new"
  if ! isolated debootstrap --variant=minbase --include=ca-certificates ${keyring:+--keyring="$keyring"} \
    "$suite" "$folder.new" "$mirror" "$script"; then
    fail "debootstrap could not make $suite: see above, and $folder.new/debootstrap/debootstrap.log."
  fi
  rm "$folder.new/etc/apt/sources.list"
  mv "$source" "$folder.new/etc/apt/sources.list.d/debian.${source##*.}"
  [ -z "$keyring" ] || install -D -m 644 "$keyring" "$folder.new$keyring"
  # Mirrors may be snapshots, and the release files of suites that are not released yet are valid for a week.
  echo 'Acquire::Check-Valid-Until "false";' >"$folder.new/etc/apt/apt.conf.d/00snapshots"
  # No package starts a service.
  printf '#!/bin/sh\nexit 101\n' >"$folder.new/usr/sbin/policy-rc.d"
  chmod +x "$folder.new/usr/sbin/policy-rc.d"
  mkdir -p "$folder.new/opt/rust" "$folder.new/opt/cargo/registry"
  mv "$folder.new" "$folder"
}

# Replaces the sources in FOLDER by those of the work tree. Times are kept, so that Cargo builds only what changed.
copy_tree() {
  local folder=$1
  mkdir -p "$folder/tmp"
  find "$folder" -mindepth 1 -maxdepth 1 ! -name target ! -name tmp -exec rm -rf --one-file-system {} +
  tar -c --exclude={.git,target,tmp,pkg,doc,'.yardoc',Gemfile.lock,'*.so','*.bundle','*.sqlite3*'} . | tar -x -C "$folder"
  [ -e "$folder/tmp/dynamodb-local" ] || cp -r tmp/dynamodb-local "$folder/tmp/dynamodb-local"
}

# Runs a command in FOLDER, from its copy of the sources, with this machine's Rust and crates, which it cannot change.
in_root() {
  local folder=$1 rust registry
  shift
  rust=$(rustc --print sysroot)
  registry=${CARGO_HOME:-$HOME/.cargo}/registry
  cp /etc/resolv.conf /etc/hosts "$folder/etc/"
  # shellcheck disable=SC2016 # for the other shell
  isolated bash -euc '
    folder=$1 rust=$2 registry=$3
    shift 3
    mount -t proc proc "$folder/proc"
    mount --rbind /dev "$folder/dev"
    mount -o bind,ro "$rust" "$folder/opt/rust"
    mount -o bind,ro "$registry" "$folder/opt/cargo/registry"
    exec chroot "$folder" env -i --chdir=/src "$@"' bash "$folder" "$rust" "$registry" \
    HOME=/root LANG=C.UTF-8 CARGO_HOME=/opt/cargo CARGO_NET_OFFLINE=true \
    PATH=/opt/rust/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    "${proxies[@]}" "$@"
}

# The proxies that this machine's environment names.
proxies=()
for variable in http_proxy https_proxy no_proxy; do
  [ -z "${!variable:-}" ] || proxies+=("$variable=${!variable}")
done
