/** The program `dockvisor`: the daemon, the client and what is neither, under one name. Each verb loads only what it uses. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keepHeapSmall } from '../system/small-heap.ts';
import { runCtlHere } from './ctl.ts';
import { dockvisorVersion } from './version.ts';

const usage = `dockvisor: the host-level service manager for containers

Usage:
  dockvisor daemon [options]          the daemon (dockvisord -h tells the options)
  dockvisor check [-c FILE] [--json]  reads a configuration, prints every problem, starts nothing
  dockvisor listen [--dry-run]        the plug-in: an event listener of an existing supervisord
  dockvisor wrap NAME                 main process of a systemd unit for a container
  dockvisor unit NAME                 prints a systemd unit for a program or a container; --daemon: for dockvisord
  dockvisor doctor [-c FILE] [--json] what the manager says beside what the Engine says, and how to mend it
  dockvisor migrate [-c FILE] [--plan] from a running supervisord to dockvisord, without restarting a container
  dockvisor why NAME [--json]         why a program is in its state, what happens next, which command changes it
  dockvisor completion bash|zsh|fish  a script that completes verbs, options and the daemon's names
  dockvisor VERB …                    every verb of dockvisorctl: status, start, stop, restart, tail, …
  dockvisor help [VERB]               the verbs of dockvisorctl
  dockvisor --version

Example:
  dockvisor check -c /etc/supervisor/supervisord.conf
`;

async function main(argv: readonly string[]): Promise<number> {
  const [verb, ...rest] = argv;
  switch (verb) {
    case '-h':
    case '--help':
      process.stdout.write(usage);
      return 0;
    case '--version':
      process.stdout.write(`${dockvisorVersion}\n`);
      return 0;
    case 'daemon': {
      keepHeapSmall();
      const { runDaemon } = await import('./daemon.ts');
      const script = join(dirname(fileURLToPath(import.meta.url)), 'dockvisord.js');
      return runDaemon(rest, 'dockvisor daemon', script, []);
    }
    case 'check': {
      const { runCheckHere } = await import('./check-options.ts');
      return runCheckHere(rest);
    }
    case 'listen': {
      const { runListen } = await import('./listen.ts');
      return runListen(rest);
    }
    case 'wrap': {
      keepHeapSmall();
      const { runWrap } = await import('./wrap.ts');
      return runWrap(rest);
    }
    case 'unit': {
      const { runUnit } = await import('./unit.ts');
      return runUnit(rest, fileURLToPath(import.meta.url));
    }
    case 'doctor': {
      const { runDoctorHere } = await import('./doctor-options.ts');
      return runDoctorHere(rest);
    }
    case 'migrate': {
      const { runMigrateHere } = await import('./migrate-options.ts');
      return runMigrateHere(rest, join(dirname(fileURLToPath(import.meta.url)), 'dockvisord.js'));
    }
    case 'completion': {
      const { printCompletion } = await import('../ctl/completion/run.ts');
      return printCompletion(rest, process);
    }
    case undefined:
    default:
      return runCtlHere(argv, 'dockvisor');
  }
}

// The two that go on when nobody reads what they print.
const stays = ['daemon', 'wrap'].includes(process.argv[2] ?? '');
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Who reads has gone (`dockvisor status | head -1`): that is no failure of ours.
  if (error.code !== 'EPIPE') throw error;
  if (!stays) process.exit(0);
});
process.exitCode = await main(process.argv.slice(2));
// A wrapper that is done must not be kept by a connection that hangs.
if (process.argv[2] === 'wrap') process.exit();
