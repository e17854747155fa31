import { IsOptional } from 'class-validator';
import {
  Cel,
  type CelRule,
  compareQuantities,
  Description,
  MapOf,
  QUANTITY_SCHEMA,
} from '../../operator/schema/index.ts';

/** Amounts by resource name, as in a container: `{ cpu: '500m', memory: '256Mi' }`. */
export type Amounts = Record<string, string | number>;

const AMOUNTS = {
  keys: {
    pattern:
      /^(cpu|memory|ephemeral-storage|[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)$/,
    message:
      'is not a valid resource: use cpu, memory, ephemeral-storage or an extended resource such as example.com/gpu',
    maxLength: 253,
  },
  values: QUANTITY_SCHEMA,
  maxProperties: 16,
};

const requestsFit: CelRule<ResourceAmounts> = {
  rule: [
    '!has(self.requests) || !has(self.limits) || self.requests.all(k, !(k in self.limits)',
    // Invalid quantities are rejected by their own rule; comparing them would add a second, confusing error.
    '|| !isQuantity(string(self.requests[k])) || !isQuantity(string(self.limits[k]))',
    '|| quantity(string(self.requests[k])).compareTo(quantity(string(self.limits[k]))) <= 0)',
  ].join(' '),
  message: 'a request exceeds its limit: lower requests or raise limits',
  check: ({ requests, limits }) =>
    Object.entries(requests ?? {}).every(([name, amount]) => {
      const limit = amountOf(limits, name);
      return limit === undefined || compareQuantities(amount, limit) <= 0;
    }),
};

/** Kubernetes allocates extended resources in whole units and does not overcommit them. */
const extendedExact: CelRule<ResourceAmounts> = {
  rule: [
    "!has(self.requests) || self.requests.all(k, !k.contains('/') || (has(self.limits) && k in self.limits",
    '&& string(self.requests[k]) == string(self.limits[k])))',
  ].join(' '),
  message: 'the request of an extended resource must equal its limit: set the same amount in limits, or only the limit',
  check: ({ requests, limits }) =>
    Object.entries(requests ?? {}).every(
      ([name, amount]) => !name.includes('/') || String(amount) === String(amountOf(limits, name)),
    ),
};

const extendedWhole: CelRule<ResourceAmounts> = {
  rule: "!has(self.limits) || self.limits.all(k, !k.contains('/') || string(self.limits[k]).matches('^[0-9]+$'))",
  message: 'the amount of an extended resource must be a whole number, such as 1',
  check: ({ limits }) =>
    Object.entries(limits ?? {}).every(([name, amount]) => !name.includes('/') || /^[0-9]+$/.test(String(amount))),
};

function amountOf(amounts: Amounts | undefined, name: string): string | number | undefined {
  return amounts && Object.hasOwn(amounts, name) ? amounts[name] : undefined;
}

/** Resource requests and limits of a container. */
@Cel(requestsFit, extendedExact, extendedWhole)
export class ResourceAmounts {
  @Description('Amounts guaranteed to each pod; used by the scheduler.')
  @IsOptional()
  @MapOf(AMOUNTS)
  requests?: Amounts;

  @Description(
    'Maximum usage of each pod. CPU is throttled at its limit; a container that exceeds its memory limit is killed.',
  )
  @IsOptional()
  @MapOf(AMOUNTS)
  limits?: Amounts;
}
