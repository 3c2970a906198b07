#!/usr/bin/env bash
# npm run check: types, lint, doors between the layers, format, unit tests. One command, under a minute.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"
failed=()
step() {
  local name=$1
  shift
  local started=$SECONDS
  if output=$("$@" 2>&1); then
    echo "check: $name ok ($((SECONDS - started)) s)"
  else
    echo "check: $name FAILED"
    echo "$output"
    failed+=("$name")
  fi
}
step types tsc -p .
step lint eslint src test integration tools bench
step layers node tools/run.mjs tools/layers.ts
step format prettier --check --log-level warn .
step "unit tests" vitest run
if ((${#failed[@]})); then
  echo "check: failed: ${failed[*]}"
  exit 1
fi
