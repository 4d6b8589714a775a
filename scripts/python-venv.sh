#!/usr/bin/env bash
# Prints the path of a Python virtual environment that holds exactly the packages of a requirements file, and makes it
# first where it is missing. When that is not possible, the last line on standard error is the reason.
#
#   scripts/python-venv.sh test/localstack/requirements.txt
set -euo pipefail
cd "$(dirname "$0")/.."

requirements="$1"
digest="$(sha256sum "$requirements" | cut -c 1-12)"
venv="$PWD/.cache/venv-$(basename "$(dirname "$requirements")")-$digest"
log="$(mktemp)"
trap 'rm -f "$log"' EXIT

fail() {
  tail -n 3 "$log" >&2
  echo "$1" >&2
  exit 1
}

# The pinned versions have wheels for these; later ones would have to be compiled.
find_python() {
  local name
  for name in python3.11 python3.12 python3.13 python3; do
    "$name" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null &&
      command -v "$name" && return
  done
  return 1
}

if ! [ -x "$venv/bin/python" ]; then
  if ! python="$(find_python)"; then
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
      apt-get update -qq >"$log" 2>&1 || true # an old list of packages may still do
      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3 python3-venv >"$log" 2>&1 || true
    fi
    python="$(find_python)" || fail "there is no Python 3.11 to 3.13 with venv, and it could not be installed"
  fi
  # Moved into place when it is whole, so that an interrupted installation is never taken for one.
  rm -rf "$venv.unfinished"
  "$python" -m venv "$venv.unfinished" >"$log" 2>&1 || fail "$python cannot make a virtual environment"
  "$venv.unfinished/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps -r "$requirements" \
    >"$log" 2>&1 || fail "the packages of $requirements could not be installed from PyPI"
  mv "$venv.unfinished" "$venv"
fi
echo "$venv"
