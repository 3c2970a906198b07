#!/usr/bin/env bash
# What every command of the project needs first: npm's packages and the built programs, made only where they are missing or old.
# $1: name of the command, before each line.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { echo "$1: $2" >&2; }

if [[ ! -e node_modules/.package-lock.json || node_modules/.package-lock.json -ot package-lock.json ]]; then
  # npm would empty the folder that the link points to, which is somebody else's.
  if [[ -L node_modules ]]; then
    say "$1" "error: node_modules is a link to $(readlink -f node_modules), and that is not what package-lock.json wants: bring it up to date there (npm ci), or remove the link"
    exit 1
  fi
  command -v npm >/dev/null || { say "$1" "error: npm is needed to install the packages, and it is not on the PATH"; exit 1; }
  say "$1" "installing the packages of package-lock.json (npm ci, some seconds)"
  npm ci --no-audit --no-fund --loglevel=error >&2 || { say "$1" "error: npm ci failed, see above"; exit 1; }
fi

# A running daemon loads parts of what is built when it first needs them: it is not rebuilt under its feet without a reason.
if [[ ! -e dist/dockvisorctl.js || -n $(find src tools/build.mjs package.json -newer dist/dockvisorctl.js -print -quit) ]]; then
  say "$1" "building dist/"
  node tools/build.mjs
fi
