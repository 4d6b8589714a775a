#!/usr/bin/env bash
# Makes a base image for worker-image/Dockerfile without pulling anything: this machine's Node and the shared libraries
# that it is linked to, no shell, no package manager. For CI and for machines without a way to a registry.
#
#   scripts/base-image.sh [tag]        default tag: cloudburst-base:local
#   docker build -f worker-image/Dockerfile --build-arg BASE_IMAGE=cloudburst-base:local -t cloudburst-worker .
set -euo pipefail

tag="${1:-cloudburst-base:local}"
node="$(node -p 'process.execPath')"
root="$(mktemp -d)"
trap 'rm -rf "$root"' EXIT

mkdir -p "$root/usr/local/bin" "$root/etc" "$root/tmp"
chmod 1777 "$root/tmp"
cp -L "$node" "$root/usr/local/bin/node"

# Each library where the loader looks for it: the loader itself, what Node is linked to, and what name look-ups load.
libraries() {
  ldd "$node" | grep -o '/[^ ]*'
  for name in libnss_dns.so.2 libnss_files.so.2 libresolv.so.2; do
    # To its end: who leaves a pipe early makes the other side fail, now and then.
    ldconfig -p | awk -v name="$name" '$1 == name && !found { print $NF; found = 1 }'
  done
}
libraries | sort -u | while read -r library; do
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library"
done

printf 'root:x:0:0:root:/:/\nnode:x:1000:1000:node:/tmp:/\n' >"$root/etc/passwd"
printf 'root:x:0:\nnode:x:1000:\n' >"$root/etc/group"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"

tar -C "$root" --numeric-owner --owner=0 --group=0 -c . |
  docker import --change 'ENV PATH=/usr/local/bin' - "$tag" >/dev/null
docker image inspect --format '{{index .RepoTags 0}}  {{.Architecture}}  {{.Size}} bytes' "$tag"
