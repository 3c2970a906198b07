#!/usr/bin/env bash
# npm run fuzz [NUMBER] [SEED]: so many random inputs (100000) to each reader, alone and side by side with supervisord's own; about half an hour.
set -euo pipefail
cd "$(dirname "$0")/.."
bash tools/prepare.sh fuzz
export DOCKVISOR_FUZZ=${1:-100000}
[[ -z "${2:-}" ]] || export DOCKVISOR_SEED=$2
failed=0
node_modules/.bin/vitest run test/fuzz || failed=1
node_modules/.bin/vitest run -c vitest.integration.config.ts integration/fuzz || failed=1
exit "$failed"
