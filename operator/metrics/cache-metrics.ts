import { Counter, Gauge, type Registry } from 'prom-client';
import type { Reconnection } from '../informer/reconnection.ts';
import type { ResourceType } from '../resource/resource-type.ts';

/** The part of a cache that metrics need. */
interface SizedCache {
  readonly type: ResourceType;
  readonly size: number;
}

/** Metrics of caches and the watches that fill them. */
export class CacheMetrics {
  readonly #reconnects: Counter<'kind' | 'reason'>;

  /** @param caches the current caches */
  constructor(registry: Registry, caches: () => Iterable<SizedCache>) {
    this.#reconnects = new Counter({
      name: 'operator_watch_reconnects_total',
      help: 'Watches reopened, by the reason that the previous one ended. The reasons ended, and silent for a kind without events, are normal after about 50 s.',
      labelNames: ['kind', 'reason'],
      registers: [registry],
    });
    new Gauge({
      name: 'operator_cache_objects',
      help: 'Objects in the caches.',
      labelNames: ['kind'],
      registers: [registry],
      collect() {
        // A kind can have several caches, each with a selector of its own.
        const sizes = new Map<string, number>();
        for (const { type, size } of caches()) sizes.set(kindOf(type), (sizes.get(kindOf(type)) ?? 0) + size);
        for (const [kind, size] of sizes) this.set({ kind }, size);
      },
    });
  }

  /** A watch was opened again. */
  reconnected(type: ResourceType, { cause }: Reconnection): void {
    this.#reconnects.inc({ kind: kindOf(type), reason: cause });
  }
}

/** A type given by its plural alone has no kind. */
function kindOf({ kind, plural }: ResourceType): string {
  return kind || plural;
}
