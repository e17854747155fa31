import { quantityValue } from '../../../operator/schema/index.ts';
import { type ContainerAmounts, VERTICAL_RESOURCES, type VerticalResource } from '../../../resources/model/resized.ts';
import type { Estimate, Recommendation } from './recommendation.ts';

/** An amount within the bounds of the recommendation is changed only if it differs by more than this share; as VPA's updater. */
const WORTH_IT = 0.1;
/** And only if this much is known, in days; VPA's updater waits until a pod is 12 hours old. */
const KNOWN_DAYS = 0.5;

/**
 * The amounts the resources of a container should change to; undefined: no change is worthwhile. If one resource changes,
 * the others change to their recommendation as well.
 *
 * @param untouched resources that an autoscaler scales by
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
