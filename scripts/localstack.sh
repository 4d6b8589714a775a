#!/usr/bin/env bash
# Runs a command with LocalStack (community) at hand, at CLOUDBURST_LOCALSTACK_ENDPOINT: the one that this variable names
# already, else its image where a Docker engine can pull it, else its packages from PyPI in a virtual environment.
# It listens on a free port of loopback and is stopped after the command. Where it cannot be had one line says so, and the
# command runs all the same: tests that need it skip themselves.
#
#   scripts/localstack.sh vitest run --project with-localstack
set -uo pipefail
cd "$(dirname "$0")/.."

# The last open release that runs on Python 3.11. Newer images want an account.
version=4.13.1
image=localstack/localstack:$version
run="$(mktemp -d)"
stop=:

finish() {
  $stop
  rm -rf "$run"
}
trap finish EXIT
trap 'exit 130' INT TERM

free_port() {
  node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

settings() {
  cat <<END
SERVICES=s3,sqs,cloudformation,cloudwatch,logs,iam,ec2,sts,ssm,kms
EAGER_SERVICE_LOADING=1
S3_SKIP_KMS_KEY_VALIDATION=0
LOCALSTACK_HOST=localhost:$port
DISABLE_EVENTS=1
SKIP_SSL_CERT_DOWNLOAD=1
END
}

start_image() {
  command -v docker >/dev/null && docker info >/dev/null 2>&1 || return 1
  timeout 600 docker pull --quiet "$image" >/dev/null 2>&1 || return 1
  settings >"$run/settings"
  container="$(docker run --detach --rm --publish "127.0.0.1:$port:4566" --env-file "$run/settings" "$image")" || return 1
  stop="docker stop --time 5 $container"
  origin="image $image"
}

start_packages() {
  local venv
  venv="$(scripts/python-venv.sh test/localstack/requirements.txt 2>"$run/reason")" || return 1
  mkdir "$run/root"
  # A process group of its own, since it starts processes itself.
  # shellcheck disable=SC2046 # none of the settings holds a space
  setsid env $(settings) PYTHONPATH="$PWD/test/localstack/python" GATEWAY_LISTEN="127.0.0.1:$port" DNS_ADDRESS=0 FILESYSTEM_ROOT="$run/root" \
    "$venv/bin/python" -m localstack.runtime.main >"$run/log" 2>&1 &
  process=$!
  stop=stop_process
  origin="packages from PyPI"
}

stop_process() {
  kill -- "-$process" 2>/dev/null
  for _ in $(seq 50); do
    kill -0 "$process" 2>/dev/null || return
    sleep 0.1
  done
  kill -KILL -- "-$process" 2>/dev/null
}

# It answers long before all services are loaded; only this tells when they are.
answers() {
  node -e 'fetch(process.argv[1]).then((reply) => reply.json())
    .then(({ completed }) => process.exit(completed ? 0 : 1), () => process.exit(1))' "$1"
}

ready() {
  for _ in $(seq 300); do
    answers "http://127.0.0.1:$port/_localstack/init/ready" && return
    if [ -n "${process:-}" ]; then kill -0 "$process" 2>/dev/null || break; fi
    sleep 0.2
  done
  echo "it was started and did not become ready" >"$run/reason"
  tail -n 5 "$run/log" >&2 2>/dev/null
  return 1
}

if [ -z "${CLOUDBURST_LOCALSTACK_ENDPOINT:-}" ]; then
  port="$(free_port)"
  if { start_image || start_packages; } && ready; then
    export CLOUDBURST_LOCALSTACK_ENDPOINT="http://127.0.0.1:$port"
    echo "localstack: $version, $origin, at $CLOUDBURST_LOCALSTACK_ENDPOINT"
  else
    echo "localstack: skipped, $(tail -n 1 "$run/reason")"
  fi
fi
"$@"
