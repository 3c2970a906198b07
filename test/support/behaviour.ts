/** How a small bad program behaves: the same words for a shell, a real container and a fake one. */
export type Behaviour =
  /** Says `ready`, runs until TERM, then exits 0 at once. */
  | { readonly kind: 'well-behaved' }
  /** Says `ready`, and ignores TERM from then on. */
  | { readonly kind: 'deaf' }
  /** Writes, waits, exits. */
  | {
      readonly kind: 'exits';
      readonly code: number;
      readonly afterMs: number;
      readonly stdout: string;
      readonly stderr: string;
    }
  /** Writes so many lines of 100 bytes and exits 0. */
  | { readonly kind: 'loud'; readonly lines: number }
  /**
   * Says `LIFE:NUMBER` lines, the first at once and then one each `everyMs`, where LIFE is its main process's id. After `lines` of them it
   * exits with `code` (null: never). On TERM it stays for `lingerMs`, says one more, and exits 0 (null: it is deaf).
   */
  | {
      readonly kind: 'numbered';
      readonly everyMs: number;
      readonly lines: number | null;
      readonly code: number;
      readonly lingerMs: number | null;
      /** So manieth lines go to stderr, as `LIFE:eNUMBER`, with numbers of their own. Only the fake knows it. */
      readonly errorEvery?: number;
    }
  /** Cannot be executed. */
  | { readonly kind: 'missing' };

/** Arguments that make a POSIX shell, or busybox, behave so. */
export function commandFor(behaviour: Behaviour): readonly string[] {
  switch (behaviour.kind) {
    case 'well-behaved':
      return ['sh', '-c', 'trap "exit 0" TERM; echo ready; while :; do sleep 60 & wait $!; done'];
    case 'deaf':
      return ['sh', '-c', 'trap "" TERM; echo ready; while :; do sleep 60; done'];
    case 'exits': {
      const { code, afterMs, stdout, stderr } = behaviour;
      return [
        'sh',
        '-c',
        `printf %s "$1"; printf %s "$2" >&2; sleep ${afterMs / 1000}; exit ${code}`,
        'sh',
        stdout,
        stderr,
      ];
    }
    case 'loud':
      return ['sh', '-c', `yes "$1" | head -n ${behaviour.lines}`, 'sh', 'x'.repeat(99)];
    case 'numbered': {
      const { everyMs, lines, code, lingerMs } = behaviour;
      const onTerm = lingerMs === null ? '' : `sleep ${lingerMs / 1000}; n=$((n + 1)); echo "$$:$n"; exit 0`;
      return [
        'sh',
        '-c',
        `n=0; trap '${onTerm}' TERM; while n=$((n + 1)); echo "$$:$n"; do ` +
          `[ "$n" != "${lines ?? ''}" ] || exit ${code}; sleep ${everyMs / 1000} & wait $!; done`,
      ];
    }
    case 'missing':
      return ['/no/such/program'];
  }
}
