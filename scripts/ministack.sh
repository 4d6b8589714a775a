#!/usr/bin/env bash
# Runs a command with ministack at hand, at CLOUDBURST_MINISTACK_ENDPOINT: an emulator of AWS by others, whose RunTask starts
# real containers in the Docker engine that scripts/docker-engine.sh brings. It listens on a free port of the gateway of the
# containers' network, where both they and this machine reach it, and is stopped with its containers after the command.
# Where it cannot be had one line says so, and the command runs all the same: tests that need it skip themselves.
#
#   scripts/docker-engine.sh scripts/ministack.sh vitest run --project with-containers
set -uo pipefail
cd "$(dirname "$0")/.."

run="$(mktemp -d)"
process=

finish() {
  if [ -n "$process" ]; then
    kill "$process" 2>/dev/null
    wait "$process" 2>/dev/null
    docker ps --all --quiet --filter label=ministack | xargs --no-run-if-empty docker rm --force --volumes >/dev/null
  fi
  rm -rf "$run"
}
trap finish EXIT
trap 'exit 130' INT TERM

free_port() {
  node -e 'const s = require("net").createServer().listen(0, process.argv[1], () => { console.log(s.address().port); s.close(); })' "$1"
}

answers() {
  node -e 'fetch(process.argv[1]).then((reply) => process.exit(reply.ok ? 0 : 1), () => process.exit(1))' "$1"
}

start() {
  local venv
  venv="$(scripts/python-venv.sh test/containers/requirements.txt 2>"$run/reason")" || return 1
  BIND_HOST="$CLOUDBURST_DOCKER_GATEWAY" GATEWAY_PORT="$port" MINISTACK_HOST="$CLOUDBURST_DOCKER_GATEWAY" \
    "$venv/bin/python" -m ministack >"$run/log" 2>&1 &
  process=$!
  for _ in $(seq 150); do
    answers "$endpoint/_ministack/health" && return
    kill -0 "$process" 2>/dev/null || break
    sleep 0.2
  done
  echo "it was started and did not become ready" >"$run/reason"
  tail -n 5 "$run/log" >&2
  return 1
}

if [ -z "${CLOUDBURST_DOCKER:-}" ]; then
  echo "ministack: skipped, it needs a Docker engine"
else
  port="$(free_port "$CLOUDBURST_DOCKER_GATEWAY")"
  endpoint="http://$CLOUDBURST_DOCKER_GATEWAY:$port"
  if start; then
    export CLOUDBURST_MINISTACK_ENDPOINT="$endpoint"
    echo "ministack: packages from PyPI, at $endpoint"
  else
    echo "ministack: skipped, $(tail -n 1 "$run/reason")"
  fi
fi
"$@"
