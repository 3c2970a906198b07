#!/usr/bin/env bash
# npm run chaos [FAULTS] [CONTAINERS] [SEED]: so many random faults (300) on dockvisord, a real Engine and containers (30) that number their lines.
set -euo pipefail
cd "$(dirname "$0")/.."
bash tools/prepare.sh chaos
export DOCKVISOR_FAULTS=${1:-300} DOCKVISOR_CONTAINERS=${2:-30}
[[ -z "${3:-}" ]] || export DOCKVISOR_SEED=$3
exec node_modules/.bin/vitest run -c vitest.integration.config.ts integration/chaos
