/** Expansion of `%(name)s` in values, with supervisord's two error sentences (supervisord.md 1.5). */
import { formatPercent } from './percent-format.ts';
import type { FormatNames } from './percent-format.ts';
import { pyRepr } from './python-text.ts';
import type { Parsed } from './values.ts';

/**
 * @param name what the sentence calls the value: `<section>.<option>`, or a bare `environment`, `process_name`, `include.files`.
 */
export function expand(format: string, names: FormatNames, name: string): Parsed<string> {
  const result = formatPercent(format, names);
  if ('value' in result) return result;
  const head = `Format string ${pyRepr(format)} for ${pyRepr(name)}`;
  if ('missing' in result) {
    const available = [...names.keys()].sort().join(', ');
    const missing = pyRepr(result.missing);
    return {
      error: `${head} contains names (${missing}) which cannot be expanded. Available names: ${available}`,
      hint: result.missing.startsWith('ENV_')
        ? `set ${result.missing.slice(4)} in the daemon's environment, or in [supervisord] environment`
        : null,
    };
  }
  return { error: `${head} is badly formatted: ${result.malformed}`, hint: 'write %% for a percent sign' };
}
