/**
 * The real superlance. It is on PyPI alone, not among Debian's packages, so a test machine may not have it:
 * `pip install --no-deps --target DIR superlance` and DOCKVISOR_TEST_SUPERLANCE=DIR, or an installed one, bring it in.
 */
import { spawnSync } from 'node:child_process';

const folder = process.env['DOCKVISOR_TEST_SUPERLANCE'] ?? '';
const python = folder === '' ? '/usr/bin/python3' : `env PYTHONPATH=${folder} /usr/bin/python3`;

export const hasSuperlance =
  spawnSync('/bin/sh', ['-c', `exec ${python} -c 'import superlance.memmon'`], { stdio: 'ignore' }).status ===
  0;

if (!hasSuperlance) {
  process.stderr.write(
    'integration/clients: superlance cannot be imported and its cases are skipped: ' +
      'pip install --no-deps --target DIR superlance, and set DOCKVISOR_TEST_SUPERLANCE=DIR\n',
  );
}

export const superlance = (name: string): string => `${python} -u -m superlance.${name}`;
