#!/usr/bin/env bash
# npm run simulate [-- --seeds NUMBER] [--from SEED] [--seed SEED]: the whole supervisor over a fake Engine and a simulated clock (docs/simulation.md).
set -euo pipefail
cd "$(dirname "$0")/.."
bash tools/prepare.sh simulate
exec node tools/run.mjs tools/simulate.ts "$@"
