/** supervisord's fault codes (supervisord.md 5.3). */
export const faultCodes = {
  UNKNOWN_METHOD: 1,
  INCORRECT_PARAMETERS: 2,
  BAD_ARGUMENTS: 3,
  SIGNATURE_UNSUPPORTED: 4,
  SHUTDOWN_STATE: 6,
  BAD_NAME: 10,
  BAD_SIGNAL: 11,
  NO_FILE: 20,
  NOT_EXECUTABLE: 21,
  FAILED: 30,
  ABNORMAL_TERMINATION: 40,
  SPAWN_ERROR: 50,
  ALREADY_STARTED: 60,
  NOT_RUNNING: 70,
  /** Only ever the status of a line of a group operation. */
  SUCCESS: 80,
  ALREADY_ADDED: 90,
  STILL_RUNNING: 91,
  CANT_REREAD: 92,
} as const;

export type FaultName = keyof typeof faultCodes;

export interface Fault {
  readonly code: number;
  /** `NAME`, or `NAME: why`. */
  readonly text: string;
}

/** `why` as `''`: the fault string is the bare name, but for BAD_NAME, which echoes the name that was asked for, even an empty one. */
export function makeFault(name: FaultName, why = ''): Fault {
  return { code: faultCodes[name], text: why === '' && name !== 'BAD_NAME' ? name : `${name}: ${why}` };
}

/** Thrown inside a method, and turned into a fault reply by the one that called the method: never leaves `rpc/`. */
export class FaultError extends Error {
  override readonly name = 'FaultError';
  readonly fault: Fault;
  constructor(name: FaultName, why = '') {
    const fault = makeFault(name, why);
    super(fault.text);
    this.fault = fault;
  }
}
