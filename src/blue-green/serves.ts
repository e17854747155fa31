import type { EnvironmentName } from '../../resources/index.ts';
import type { Observed } from './observed.ts';

/** Whether every component of an environment has available pods, all of them of this revision. */
export function serves(
  { environments }: Pick<Observed, 'environments'>,
  name: EnvironmentName,
  revision: string,
): boolean {
  const components = Object.values(environments[name] ?? {});
  return components.length > 0 && components.every((one) => one.revision === revision && one.available > 0);
}
