/** What autorestart makes of an end, and how that is said beforehand. */
import type { Rules } from '../history/entry.ts';
import { restartPolicy } from './told.ts';
import type { Case } from './told.ts';

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

export function afterItsEnd(of: Case): string {
  const { rules } = of;
  switch (rules?.autorestart) {
    case 'always':
      return 'When it ends, it is started again, however it ends (autorestart=true)';
    case 'never':
      return restartPolicy(of) === null
        ? 'When it ends, it stays down (autorestart=false)'
        : 'When it ends, dockvisord does not start it again (autorestart=false)';
    case 'unexpected':
      return `When it ends, it is started again, unless its exit code is ${rules.exitcodes.join(' or ')} (autorestart=unexpected)`;
    case null:
    case undefined:
      return 'What happens when it ends is for its autorestart to say, which its manager does not tell';
  }
}

/** The Engine's own rule for a container that runs. */
export function enginePolicyWhileUp(of: Case): string {
  const policy = restartPolicy(of);
  const name = of.facts.container?.name ?? '';
  if (policy === null) return '';
  return `Container ${name} has a restart policy of its own (${policy}), by which the Engine starts it again, too, when ${
    policy === 'on-failure' ? 'its exit code is not 0' : 'it ends by itself'
  }`;
}

export function enginePolicyWhileDown(of: Case): string {
  const policy = restartPolicy(of);
  const { container } = of.facts;
  if (policy === null || container === null) return '';
  return container.state === 'restarting'
    ? `The Engine starts container ${container.name} again when its pause is over, by its own restart policy (${policy})`
    : policy === 'always' && container.state === 'exited'
      ? `An Engine that is restarted starts container ${container.name} again, by its own restart policy (always)`
      : '';
}
