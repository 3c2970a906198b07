export { silentLog as quietLog } from '../../src/log/every-level.ts';
