# Shared by the scripts of this folder; source it from bash.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# What is fetched lies here, outside the working copy, for all copies.
case "$(uname -s)" in
  Darwin) default_cache="$HOME/Library/Caches/brume" ;;
  *) default_cache="${XDG_CACHE_HOME:-$HOME/.cache}/brume" ;;
esac
cache=${BRUME_CACHE:-$default_cache}

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

sha256() { if have sha256sum; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }
