#!/usr/bin/env bash
# npm run bench: memory, CPU and times beside the real supervisord and Docker's own restart policy, as a table. About 25 minutes; `--quick`
# takes one, and shows only that the bench works. npm run bench -- --help
set -euo pipefail
cd "$(dirname "$0")/.."
[[ $(id -u) == 0 ]] || { echo "bench: error: it needs root, for the private Engine: run it as root" >&2; exit 1; }
bash tools/prepare.sh bench
exec node tools/run.mjs bench/main.ts "$@"
