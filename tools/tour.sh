#!/usr/bin/env bash
# npm run tour: the three failures, under a real supervisord and under dockvisord, beside what the Engine says. About a minute.
set -euo pipefail
cd "$(dirname "$0")/.."
[[ $(id -u) == 0 ]] || { echo "tour: error: it needs root, for the private Engines: run it as root" >&2; exit 1; }
bash tools/prepare.sh tour
exec node tools/run.mjs tools/tour.ts
