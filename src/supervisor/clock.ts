/** Time as a parameter: the shell's only way to know it. */
export interface Clock {
  /** Milliseconds, monotonic, of no particular origin. */
  now(): number;
  /** Milliseconds since the epoch; may jump. */
  wall(): number;
  /** Calls back once `now() >= at`. Returns how to call it off. */
  alarm(at: number, ring: () => void): () => void;
}
