#!/usr/bin/env bash
# Runs a command with a Docker engine at hand: the one that answers, else one that is started for the command and stopped
# after it; on Debian as root it is installed where it is missing. Without an engine one line says so, and the command
# runs all the same: tests that need containers skip themselves, since CLOUDBURST_DOCKER is not set.
#
#   scripts/docker-engine.sh docker version
set -uo pipefail
cd "$(dirname "$0")/.."

run="$(mktemp -d /tmp/cloudburst-docker.XXXXXX)" # short: paths of sockets have at most 107 characters
engine=

finish() {
  if [ -n "$engine" ]; then
    kill "$engine" 2>/dev/null
    wait "$engine" 2>/dev/null
  fi
  rm -rf "$run"
}
trap finish EXIT
trap 'exit 130' INT TERM

answers() { docker info >/dev/null 2>&1; }

install() {
  [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null || return 1
  apt-get update -qq >"$run/apt.log" 2>&1
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq docker.io >>"$run/apt.log" 2>&1
}

start() {
  # An engine of its own: neither the state nor the socket of one that the machine may have are touched. What it has
  # stored stays, so that the next start finds its images.
  mkdir -p .cache/docker
  exec 9>.cache/docker.lock
  flock 9 # two engines would spoil each other's images
  mountpoint -q /sys/fs/cgroup || cgroupfs-mount >/dev/null 2>&1
  export DOCKER_HOST="unix://$run/docker.sock"
  dockerd --host "$DOCKER_HOST" --data-root "$PWD/.cache/docker" --exec-root "$run/exec" --pidfile "$run/pid" \
    >"$run/dockerd.log" 2>&1 9>&- &
  engine=$!
  for _ in $(seq 150); do
    answers && return 0
    kill -0 "$engine" 2>/dev/null || break
    sleep 0.2
  done
  tail -n 3 "$run/dockerd.log" >&2
  return 1
}

available() {
  if command -v docker >/dev/null && answers; then return 0; fi
  command -v dockerd >/dev/null || install || return 1
  answers || start
}

# Where containers find this machine: the gateway of their network. An engine that has just made that network does not
# tell it; then it is the first address.
gateway() {
  docker network inspect bridge --format '{{with index .IPAM.Config 0}}{{or .Gateway .Subnet}}{{end}}' |
    sed 's#\.0/[0-9]*$#.1#'
}

if available && CLOUDBURST_DOCKER_GATEWAY="$(gateway)"; then
  export CLOUDBURST_DOCKER=1 CLOUDBURST_DOCKER_GATEWAY
  echo "containers: Docker $(docker version --format '{{.Server.Version}}'), gateway $CLOUDBURST_DOCKER_GATEWAY" >&2
else
  echo "containers: skipped, there is no Docker engine with a bridge network, and none could be installed and started" >&2
fi
"$@"
