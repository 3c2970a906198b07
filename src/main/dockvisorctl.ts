/** The program `dockvisorctl`. */
import { runCtlHere } from './ctl.ts';

process.exitCode = await runCtlHere(process.argv.slice(2), 'dockvisorctl');
