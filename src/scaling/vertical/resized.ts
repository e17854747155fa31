import { compareQuantities, quantityValue } from '../../../operator/schema/index.ts';
import type { Amounts } from '../../../resources/resource-amounts.ts';
import { type Estimate, RESOURCES, type Recommendation, type VerticalResource } from './recommendation.ts';

/** What a container requests and may use at most, as in a pod. */
export interface ContainerAmounts {
  requests?: Amounts;
  limits?: Amounts;
}

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
  const ours = RESOURCES.filter((resource) => !untouched.includes(resource));
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

/**
 * A container's resources with these requests. Limits are raised and lowered with them, so that they stay as many times
 * as much: equal ones stay equal, and others do not become so, which would change the pod's quality of service, and that
 * no running pod can change. Limits that there are none of stay so.
 */
export function resized(current: ContainerAmounts, targets: Partial<Estimate>): ContainerAmounts {
  const requests = { ...current.requests };
  const limits = { ...current.limits };
  for (const resource of RESOURCES) {
    const target = targets[resource];
    if (target === undefined) continue;
    const limit = limits[resource];
    // Kubernetes takes the limit for the request that is left out.
    const before = requests[resource] ?? limit;
    requests[resource] = quantity(resource, target);
    if (limit === undefined || before === undefined) continue;
    limits[resource] =
      compareQuantities(limit, before) === 0 ? requests[resource] : limitFor(resource, target, limit, before);
  }
  return { ...(size(requests) && { requests }), ...(size(limits) && { limits }) };
}

function limitFor(resource: VerticalResource, target: number, limit: string | number, before: string | number): string {
  const unit = resource === 'cpu' ? 0.001 : 1024 ** 2;
  const ratio = quantityValue(before) > 0 ? quantityValue(limit) / quantityValue(before) : 1;
  return quantity(resource, Math.max(Math.ceil((target * ratio) / unit - 1e-6) * unit, target + unit));
}

/** In Kubernetes' notation: CPU in whole thousandths of a core, memory in MiB where that is exact. */
export function quantity(resource: VerticalResource, amount: number): string {
  if (resource === 'cpu') return `${Math.ceil(amount * 1_000 - 1e-6)}m`;
  const mebibytes = amount / 1024 ** 2;
  return Number.isInteger(mebibytes) ? `${mebibytes}Mi` : `${Math.ceil(amount)}`;
}

function isSame(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * Math.max(a, b);
}

function size(amounts: Amounts): boolean {
  return Object.keys(amounts).length > 0;
}
