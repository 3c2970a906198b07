/** supervisord's numbers of faults, which are the statuses of group operations too (supervisord.md 5.3). */
import { FaultReply } from '../rpc/client.ts';

export const faults = {
  unknownMethod: 1,
  shutdownState: 6,
  badName: 10,
  badSignal: 11,
  noFile: 20,
  notExecutable: 21,
  failed: 30,
  abnormalTermination: 40,
  spawnError: 50,
  alreadyStarted: 60,
  notRunning: 70,
  success: 80,
  alreadyAdded: 90,
  stillRunning: 91,
  cantReread: 92,
} as const;

export function isFault(error: unknown, code: number): error is FaultReply {
  return error instanceof FaultReply && error.code === code;
}
