import { compareQuantities, quantityValue } from '../../operator/schema/index.ts';
import type { Amounts } from '../api/resource-amounts.ts';

/** The resources that are scaled vertically. */
export const VERTICAL_RESOURCES = ['cpu', 'memory'] as const;
export type VerticalResource = (typeof VERTICAL_RESOURCES)[number];

/** Requests and limits of a container, as in a pod. */
export interface ContainerAmounts {
  requests?: Amounts;
  limits?: Amounts;
}

/**
 * Returns the resources of a container with other requests (quantities, or cores and bytes). Limits change in
 * proportion: equal limits stay equal and others stay different, because the QoS class of a running pod is immutable.
 * Missing limits stay missing.
 */
export function resized(
  current: ContainerAmounts,
  targets: Partial<Record<VerticalResource, string | number>>,
): ContainerAmounts {
  const requests = { ...current.requests };
  const limits = { ...current.limits };
  for (const resource of VERTICAL_RESOURCES) {
    const amount = targets[resource];
    if (amount === undefined) continue;
    const target = quantityValue(amount);
    const limit = limits[resource];
    // Kubernetes defaults a missing request to the limit.
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

/** Formats cores or bytes as a quantity: CPU in whole millicores, memory in MiB if that is exact. */
export function quantity(resource: VerticalResource, amount: number): string {
  if (resource === 'cpu') return `${Math.ceil(amount * 1_000 - 1e-6)}m`;
  const mebibytes = amount / 1024 ** 2;
  return Number.isInteger(mebibytes) ? `${mebibytes}Mi` : `${Math.ceil(amount)}`;
}

function size(amounts: Amounts): boolean {
  return Object.keys(amounts).length > 0;
}
