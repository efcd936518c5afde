# Shared by the commands of this folder; sourced, never run. Leaves the caller in the top folder.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
ROOT=$PWD
# Node that `scripts/setup` put here goes before the system's.
export PATH="$ROOT/.tools/node_modules/.bin:$PATH"

say() { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# One hash over names and contents of all files below the given paths, build products apart.
hash_of() {
  find "$@" \( -name node_modules -o -name build -o -name .react-router \) -prune -o -type f -print0 |
    LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

# build_release [target …]: configures when needed, builds what changed.
build_release() {
  [ -f build/release/build.ninja ] || cmake --preset release >/dev/null
  cmake --build build/release --target "$@"
}

# Builds the page when a source of it changed since the last time, and lays it beside the executable,
# where the server looks for it.
build_client() {
  local page=build/release/bin/client stamp=build/client.stamp now
  now=$(hash_of apps/client)
  [ -d $page ] && [ "$(cat $stamp 2>/dev/null)" = "$now" ] && return
  say "Building the page"
  (cd apps/client && npm run --silent build)
  rm -rf $page
  mkdir -p "$(dirname $page)"
  cp -r apps/client/build/client $page
  echo "$now" >$stamp
}
