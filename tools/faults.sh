#!/usr/bin/env bash
# npm run faults [NUMBER] [SEED]: so many random faults (500) on a real supervisord with the plug-in; about a second each.
set -euo pipefail
cd "$(dirname "$0")/.."
bash tools/prepare.sh faults
export DOCKVISOR_FAULTS=${1:-500}
[[ -z "${2:-}" ]] || export DOCKVISOR_SEED=$2
exec node_modules/.bin/vitest run -c vitest.integration.config.ts integration/plugin/faults.test.ts
