import { IsOptional } from 'class-validator';
import { Cel, compareQuantities, Description, MapOf, QUANTITY_SCHEMA } from '../operator/schema/index.ts';

/** Amounts by resource name, as in a container: `{ cpu: '500m', memory: '256Mi' }`. */
export type Amounts = Record<string, string | number>;

const AMOUNTS = {
  keys: {
    pattern:
      /^(cpu|memory|ephemeral-storage|[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)$/,
    message: 'is no resource: use cpu, memory, ephemeral-storage or an extended resource such as example.com/gpu',
    maxLength: 253,
  },
  values: QUANTITY_SCHEMA,
  valueMessage: 'must be an amount such as 500m, 1.5 or 256Mi, and not negative',
  maxProperties: 16,
};

/** What a container asks for and what it may use at most. */
@Cel<ResourceAmounts>({
  rule: `!has(self.requests) || !has(self.limits) || self.requests.all(k, !(k in self.limits) ||
  quantity(string(self.requests[k])).compareTo(quantity(string(self.limits[k]))) <= 0)`.replace(/\s+/g, ' '),
  message: 'a request is larger than its limit: lower requests or raise limits',
  check: ({ requests, limits }) =>
    Object.entries(requests ?? {}).every(
      ([name, amount]) =>
        !limits || !Object.hasOwn(limits, name) || compareQuantities(amount, limits[name] as string) <= 0,
    ),
})
export class ResourceAmounts {
  @Description('What each pod is guaranteed; the scheduler places pods by it.')
  @IsOptional()
  @MapOf(AMOUNTS)
  requests?: Amounts;

  @Description('What each pod may use at most: CPU is throttled there, a pod over its memory limit is killed.')
  @IsOptional()
  @MapOf(AMOUNTS)
  limits?: Amounts;
}
