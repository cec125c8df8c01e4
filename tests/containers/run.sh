#!/usr/bin/env bash
# Runs the container tests (`make containers`) and starts what they lack: a Docker engine where root
# may start one, stand-ins for the base images where no registry answers (base-images.sh), and
# Compose, from a locked wheel. What this run started, it ends.
#
# Where no engine is to be had it says so, runs no test, and ends with status 77 (not run). With
# CI_CONTAINERS=1, on Debian, the packages of an engine are installed first.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec </dev/null

readonly PACKAGES=(docker.io iptables mmdebstrap python3-pip)
readonly IMAGES=(python:3.13-slim valkey/valkey:9)
readonly LOGS=.cache/containers
readonly NOT_RUN=77
mkdir -p "$LOGS"
engine=

may_start_an_engine() { [ "$(id -u)" = 0 ] && [ -z "${DOCKER_HOST-}" ]; }

install_engine() {
    [ "${CI_CONTAINERS-}" = 1 ] && may_start_an_engine && command -v apt-get >/dev/null || return 0
    command -v dockerd >/dev/null && command -v mmdebstrap >/dev/null && return 0
    apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            "${PACKAGES[@]}" || echo "The packages of a Docker engine could not be installed." >&2
}

start_engine() { # leaves its process in $engine, if this run started it
    docker info >/dev/null 2>&1 && return 0
    may_start_an_engine && command -v dockerd >/dev/null || return 0
    # Where process 1 reaps late, an old containerd looks alive, and a new engine waits for it.
    pgrep -x dockerd >/dev/null || rm -f /run/docker.pid /run/docker/containerd/containerd.pid
    setsid dockerd >"$LOGS/dockerd.log" 2>&1 &
    engine=$!
    for _ in $(seq 150); do
        docker info >/dev/null 2>&1 && return 0
        kill -0 "$engine" 2>/dev/null || break
        sleep 0.2
    done
    tail -20 "$LOGS/dockerd.log" >&2
}

stop_engine() {
    [ -z "$engine" ] || { kill -TERM "$engine" && wait "$engine"; } || true
}

find_compose() {
    docker compose version >/dev/null 2>&1 && return 0
    [ -x .cache/compose/bin/docker-compose ] || {
        .venv/bin/python -m venv --clear .cache/compose
        .cache/compose/bin/python -m pip --disable-pip-version-check --quiet install \
            --no-deps --require-hashes --requirement requirements/compose.txt
    }
    PATH=$PWD/.cache/compose/bin:$PATH
}

base_image() { # base_image NAME: have it, from here, from a registry, or made here
    docker image inspect "$1" >/dev/null 2>&1 && return 0
    docker pull --quiet "$1" 2>/dev/null && return 0
    tests/containers/base-images.sh "$1"
}

trap stop_engine EXIT
install_engine
start_engine
if ! docker info >/dev/null 2>&1; then
    echo "The container tests did NOT run: no Docker engine answers, and none could be started." >&2
    exit $NOT_RUN
fi
find_compose
for image in "${IMAGES[@]}"; do base_image "$image"; done
.venv/bin/python -m pytest -m containers tests/containers "$@"
