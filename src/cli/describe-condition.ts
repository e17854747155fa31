import { oneLine } from '../terminal/text.ts';
import { age } from './age.ts';
import type { Summary } from './report.ts';

/** Describes a condition: `Ready for 5m: …`, `Not Ready for 5m (Progressing): …`. */
export function describeCondition(condition: Summary['conditions'][number], now: Date): string {
  const { type, status, reason, message, since } = condition;
  const is = { True: type, False: `Not ${type}` }[status] ?? `${type} unknown`;
  // The reason adds nothing to a RestAPI that is ready.
  const why = type === 'Ready' && status === 'True' ? '' : ` (${reason})`;
  return oneLine(`${is} for ${age(since, now)}${why}: ${message}`);
}
