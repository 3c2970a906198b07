/** One path segment of a shell pattern, as Python's `fnmatch`: `*`, `?`, `[seq]`, `[!seq]`; `**` is `*`. */

export function hasMagic(segment: string): boolean {
  return /[*?[]/.test(segment);
}

/** Index of the `]` that closes a set opened at `open`, or -1: a `]` right after `[` or `[!` is a member. */
function setEnd(segment: readonly string[], open: number): number {
  let at = open + 1;
  if (segment[at] === '!') at += 1;
  if (segment[at] === ']') at += 1;
  return segment.indexOf(']', at);
}

/** Members as pairs of first and last character. */
function setRanges(members: readonly string[]): readonly (readonly [string, string])[] {
  const ranges: [string, string][] = [];
  for (let at = 0; at < members.length; at += 1) {
    const first = members[at] ?? '';
    const last = members[at + 1] === '-' ? members[at + 2] : undefined;
    ranges.push([first, last ?? first]);
    if (last !== undefined) at += 2;
  }
  return ranges;
}

type Step = (char: string) => boolean;

/** A test for each character; `*` is null. */
function compile(pattern: string): readonly (Step | null)[] {
  const chars = [...pattern];
  const steps: (Step | null)[] = [];
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at] ?? '';
    const end = char === '[' ? setEnd(chars, at) : -1;
    if (char === '*') {
      if (steps.length === 0 || steps.at(-1) !== null) steps.push(null);
    } else if (char === '?') steps.push(() => true);
    else if (end >= 0) {
      const negated = chars[at + 1] === '!';
      const ranges = setRanges(chars.slice(at + (negated ? 2 : 1), end));
      steps.push((each) => ranges.some(([first, last]) => first <= each && each <= last) !== negated);
      at = end;
    } else steps.push((each) => each === char);
  }
  return steps;
}

/** Whether a file name matches; a name that starts with a dot only when the pattern does. Takes time linear in both, times each other. */
export function matchesSegment(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  const steps = compile(pattern);
  const chars = [...name];
  let step = 0;
  let star = -1;
  let resume = 0;
  for (let at = 0; at < chars.length;) {
    const test = steps[step];
    if (test === null) {
      star = step;
      resume = at;
      step += 1;
    } else if (test?.(chars[at] ?? '') === true) {
      at += 1;
      step += 1;
    } else if (star >= 0) {
      resume += 1;
      at = resume;
      step = star + 1;
    } else return false;
  }
  while (steps[step] === null) step += 1;
  return step === steps.length;
}
