/**
 * Keeps the doors of DESIGN section 3 shut: which room may import which, type-only imports included, by the compiler's own scan.
 * Prints each breach; exit 1 if there is one.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

const root = join(process.cwd(), 'src');
/** Files of the supervisor that others may look through. */
const supervisorDoors = ['ports.ts', 'runner.ts', 'clock.ts', 'bus.ts', 'supervised.ts', 'hand.ts'];
/** What a client of a supervisord is made of: no part of the daemon. */
const clientDoors = ['rpc/xml.ts', 'rpc/client.ts'];
const effects = ['process', 'docker', 'log'];
const surfaces = [
  'listener',
  'plugin',
  'doctor',
  'migrate',
  'wrap',
  'rpc',
  'http',
  'metrics',
  'web',
  'system',
];

/** null: allowed; else why not. */
function breach(from: string, to: string): string | null {
  const [here = ''] = from.split('/');
  const [there = ''] = to.split('/');
  const door = there === 'supervisor' && supervisorDoors.includes(to.split('/')[1] ?? '');
  if (here === there || here === 'main' || there === 'core') return null;
  if (there === 'main') return 'only main/ knows main/';
  if (here === 'core') return 'core/ imports nothing but core/';
  if (here === 'supervisor') return 'supervisor/ imports only core/';
  if (here === 'ctl')
    return clientDoors.includes(to) ? null : `ctl/ imports only core/ and ${clientDoors.join(', ')}`;
  if (effects.includes(here)) {
    if (door) return null;
    // The container runner may hold a client's child process; every effect may write to the daemon's log.
    if (here === 'docker' && there === 'process') return null;
    if (to === 'log/activity-log.ts') return null;
    return `${here}/ may not import ${to}`;
  }
  if (surfaces.includes(here)) {
    if (door) return null;
    if (here === 'http' && there === 'rpc') return null;
    // A migration is decided on what the doctor finds.
    if (here === 'migrate' && there === 'doctor') return null;
    return `${here}/ may not import ${to}`;
  }
  return `nobody has said what ${here}/ may import`;
}

function* files(directory: string): Iterable<string> {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (entry.name.endsWith('.ts')) yield path;
  }
}

const found: string[] = [];
for (const file of files(root)) {
  const from = relative(root, file);
  for (const { fileName } of ts.preProcessFile(readFileSync(file, 'utf8'), true, true).importedFiles) {
    if (fileName.startsWith('.')) {
      const why = breach(from, relative(root, join(dirname(file), fileName)));
      if (why !== null) found.push(`src/${from} imports ${fileName}: ${why}`);
    } else if (from.startsWith('core/')) {
      found.push(`src/${from} imports ${fileName}: core/ is pure`);
    } else if (fileName.startsWith('dockerode') && from !== 'docker/engine.ts') {
      found.push(`src/${from} imports ${fileName}: dockerode lives in docker/engine.ts`);
    }
  }
}
for (const line of found) console.error(line);
console.error(found.length === 0 ? 'layers: every door is shut' : `layers: ${String(found.length)} breaches`);
process.exitCode = found.length === 0 ? 0 : 1;
