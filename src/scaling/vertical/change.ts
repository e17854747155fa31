import { quantityValue } from '../../../operator/schema/index.ts';
import { type ContainerAmounts, VERTICAL_RESOURCES, type VerticalResource } from '../../../resources/model/resized.ts';
import type { Estimate, Recommendation } from './recommendation.ts';

/** An amount within the bounds of the recommendation is changed only if it is off by more than this: VPA's updater has the same. */
const WORTH_IT = 0.1;
/** And only if so much is known, in days; VPA's updater waits until a pod is 12 hours old. */
const KNOWN_DAYS = 0.5;

/**
 * What the resources of a container should be changed to; undefined if it is not worth a change. Once one resource is,
 * the others are brought to what is recommended as well, as the change is made anyway.
 *
 * @param untouched resources that belong to somebody else
 */
export function change(
  { requests = {}, limits = {} }: ContainerAmounts,
  recommendation: Recommendation,
  untouched: readonly VerticalResource[],
): Partial<Estimate> | undefined {
  const ours = VERTICAL_RESOURCES.filter((resource) => !untouched.includes(resource));
  const isDue = ours.some((resource) => {
    const { target, lower, upper } = recommendation[resource];
    const found = requests[resource] ?? limits[resource];
    if (found === undefined) return true;
    const has = quantityValue(found);
    if (isSame(has, target)) return false;
    if (has < lower || has > upper) return true;
    return recommendation.days >= KNOWN_DAYS && Math.abs(target - has) > has * WORTH_IT;
  });
  return isDue ? Object.fromEntries(ours.map((resource) => [resource, recommendation[resource].target])) : undefined;
}

function isSame(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * Math.max(a, b);
}
