/** What autorestart makes of an end, and how that is said beforehand. */
import type { Rules } from '../history/entry.ts';

/** null: not known. */
export function isAgain(rules: Rules | null, expected: boolean): boolean | null {
  switch (rules?.autorestart) {
    case 'always':
      return true;
    case 'never':
      return false;
    case 'unexpected':
      return !expected;
    case null:
    case undefined:
      return null;
  }
}

export function afterItsEnd(rules: Rules | null): string {
  switch (rules?.autorestart) {
    case 'always':
      return 'When it ends, it is started again, however it ends (autorestart=true)';
    case 'never':
      return 'When it ends, it stays down (autorestart=false)';
    case 'unexpected':
      return `When it ends, it is started again, unless its exit code is ${rules.exitcodes.join(' or ')} (autorestart=unexpected)`;
    case null:
    case undefined:
      return 'What happens when it ends is for its autorestart to say, which its manager does not tell';
  }
}
