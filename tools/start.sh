#!/usr/bin/env bash
# npm start: from a fresh clone to a running dockvisord with something to supervise. What it needs beyond Node is looked for here, in order.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
  echo "quickstart: error: $*" >&2
  exit 1
}

[[ $(id -u) == 0 ]] || fail "it needs root (for the Engine, and to look after containers' processes): run 'npm start' as root"
command -v node >/dev/null || fail "Node 20.19 or newer is needed, and there is no 'node' on the PATH"
node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
  fail "Node 20.19 or newer is needed, this is $(node --version)"

bash tools/prepare.sh quickstart
exec node tools/run.mjs tools/quickstart.ts
