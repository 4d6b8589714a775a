#!/usr/bin/env bash
# Builds the images that tests and benchmarks with containers run, without pulling anything, and runs a command with their
# names: the worker's, its base, and one whose containers behave as their command says. Standard output is the command's.
#
#   scripts/docker-engine.sh scripts/container-images.sh vitest run --project containers
set -euo pipefail
cd "$(dirname "$0")/.."

base=cloudburst-base:test

# tag, Dockerfile, context
build() {
  local output
  # BuildKit would look the base image up in a registry first.
  output="$(DOCKER_BUILDKIT=0 docker build --file "$2" --build-arg "BASE_IMAGE=$base" --tag "$1" "$3" 2>&1)" || {
    echo "$output" >&2
    exit 1
  }
  docker image inspect --format '{{index .RepoTags 0}}  {{.Architecture}}  {{.Size}} bytes' "$1" >&2
}

if [ -n "${CLOUDBURST_DOCKER:-}" ]; then
  export CLOUDBURST_BASE_IMAGE="$base" CLOUDBURST_WORKER_IMAGE=cloudburst-worker:test
  export CLOUDBURST_CONTRACT_IMAGE=cloudburst-contract:test
  scripts/base-image.sh "$base" >&2
  build "$CLOUDBURST_WORKER_IMAGE" worker-image/Dockerfile .
  build "$CLOUDBURST_CONTRACT_IMAGE" test/containers/contract-image/Dockerfile test/embedded/fixtures
  docker image prune --force >/dev/null # what the names of the build before stood for
fi
exec "$@"
