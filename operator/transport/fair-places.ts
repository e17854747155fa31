/** Requests of the same flow share a queue. Requests of different flows do not wait behind one another. */
export interface Flow {
  /** Verb and resource, the same in every namespace, such as `write deployments.apps`. */
  resource: string;
  /** `''` for cluster-scoped objects and for requests that cover all namespaces. */
  namespace: string;
}

/** The slot of one request. */
export interface Place {
  /** The request has ended. Safe to call twice. */
  release(): void;
}

/** Limits of FairPlaces. */
export interface FairPlacesLimits {
  /** Concurrent requests that are not slow; at least 1. */
  places: number;
  /** A request that has been in flight for this long is slow, milliseconds. Default 500. */
  slowAfterMs?: number;
  /** Most requests in flight of a flow that has slow ones. Default 8. */
  perSlowFlow?: number;
  /** Most requests in flight of a resource that has slow ones, in all namespaces together. Default 4 × places. */
  perSlowResource?: number;
  /** Most slow requests without a slot. Default 8 × places. */
  slow?: number;
}

const SLOW_AFTER_MS = 500;
const PER_SLOW_FLOW = 8;
const PER_SLOW_RESOURCE_FACTOR = 4;
const SLOW_FACTOR = 8;

interface FlowState {
  readonly key: string;
  readonly resource: ResourceState;
  readonly waiting: Set<(place: Place) => void>;
  underWay: number;
  slow: number;
  /** The last request was slow, so the next ones are assumed to be. */
  wasSlow: boolean;
}

interface ResourceState {
  readonly name: string;
  /** Flows of this resource that are kept. */
  flows: number;
  underWay: number;
  slow: number;
}

interface Holder {
  readonly flow: FlowState;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** Slow requests continue without a slot, unless there are too many of them. */
  hasPlace: boolean;
  slow: boolean;
}

/**
 * Decides which request may be sent next, so that no flow delays another.
 *
 * Slots go to the waiting flows in turn (round robin); within a flow requests are first in, first out. A request that has been in
 * flight for `slowAfterMs` releases its slot and continues. A flow with slow requests in flight, or whose last request was slow,
 * starts no more while `perSlowFlow` of it are in flight, and a resource with slow requests none while `perSlowResource` of it are.
 * Requests that wait for that delay no other flow.
 *
 * Bounds, with P slots and the default limits:
 * - At most P requests are in flight that are not slow, at most 9 P (P with a slot and 8 P slow) altogether.
 * - At most max(P, 8) requests of one flow are in flight, and at most 4 P of one resource, once one of them is slow.
 * - While at most 8 P requests are slow, which two slow resources cannot exceed, every slot is released within `slowAfterMs`: of n
 *   waiting flows that are not slow themselves, each starts a request within ⌈n / P⌉ × `slowAfterMs`.
 * - Beyond 8 P slow requests (three or more slow resources at full load) the others keep their slots until one ends.
 */
export class FairPlaces {
  readonly #slowAfterMs: number;
  readonly #perSlowFlow: number;
  readonly #perSlowResource: number;
  readonly #maxSlow: number;
  #free: number;
  /** Slow requests without a slot. */
  #withoutPlace = 0;
  /** Slow requests that have to keep their slots, the oldest first. */
  readonly #keeping = new Set<Holder>();
  readonly #flows = new Map<string, FlowState>();
  readonly #resources = new Map<string, ResourceState>();
  /** Flows with waiting requests, the next one first. */
  readonly #turns = new Set<FlowState>();

  /** @throws RangeError if a limit is not an integer of at least 1 */
  constructor(limits: FairPlacesLimits) {
    const { places } = limits;
    this.#slowAfterMs = limits.slowAfterMs ?? SLOW_AFTER_MS;
    this.#perSlowFlow = limits.perSlowFlow ?? PER_SLOW_FLOW;
    this.#perSlowResource = limits.perSlowResource ?? PER_SLOW_RESOURCE_FACTOR * places;
    this.#maxSlow = limits.slow ?? SLOW_FACTOR * places;
    for (const [name, limit] of Object.entries(limits)) {
      if (limit !== undefined && (!Number.isInteger(limit) || limit < 1))
        throw new RangeError(`concurrent requests: ${name} must be an integer of at least 1, got ${limit}`);
    }
    this.#free = places;
  }

  /** Returns a slot if one is free, else undefined. */
  tryAcquire(flow: Flow): Place | undefined {
    // A slot is free only while no waiting flow may use it, so no request is overtaken here.
    if (this.#free === 0) return undefined;
    const state = this.#flow(flow);
    if (this.#mayStart(state)) return this.#start(state);
    this.#forget(state);
    return undefined;
  }

  /** Waits for a slot. Rejects with the signal's reason when it aborts first; no slot is taken then. */
  acquire(flow: Flow, signal?: AbortSignal): Promise<Place> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const place = this.tryAcquire(flow);
    if (place !== undefined) return Promise.resolve(place);
    const state = this.#flow(flow);
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        state.waiting.delete(grant);
        if (state.waiting.size === 0) this.#turns.delete(state);
        this.#forget(state);
        reject(signal?.reason);
      };
      const grant = (granted: Place) => {
        signal?.removeEventListener('abort', onAbort);
        resolve(granted);
      };
      state.waiting.add(grant);
      this.#turns.add(state);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Returns what a request of this flow waits for, for an error message. */
  reason(flow: Flow): string {
    const state = this.#flows.get(keyOf(flow));
    const what = 'waiting for a free request slot';
    if (state === undefined || this.#mayStart(state)) return what;
    const where = state.underWay >= this.#perSlowFlow && flow.namespace !== '' ? ` in namespace ${flow.namespace}` : '';
    const underWay = where === '' ? state.resource.underWay : state.underWay;
    return `${what}: ${underWay} requests "${flow.resource}"${where} are in flight and the server is slow to answer them`;
  }

  /** Requests in flight, for tests and metrics. */
  get underWay(): number {
    let sum = 0;
    for (const { underWay } of this.#resources.values()) sum += underWay;
    return sum;
  }

  #mayStart({ slow, wasSlow, underWay, resource }: FlowState): boolean {
    if ((slow > 0 || wasSlow) && underWay >= this.#perSlowFlow) return false;
    return resource.slow === 0 || resource.underWay < this.#perSlowResource;
  }

  #start(flow: FlowState): Place {
    this.#free -= 1;
    flow.underWay += 1;
    flow.resource.underWay += 1;
    const holder: Holder = { flow, timer: undefined, hasPlace: true, slow: false };
    holder.timer = setTimeout(() => this.#becomeSlow(holder), this.#slowAfterMs);
    let released = false;
    return {
      release: () => {
        if (released) return;
        released = true;
        this.#release(holder);
      },
    };
  }

  #becomeSlow(holder: Holder): void {
    holder.slow = true;
    holder.flow.slow += 1;
    holder.flow.resource.slow += 1;
    this.#keeping.add(holder);
    this.#takePlaces();
  }

  #release(holder: Holder): void {
    const { flow } = holder;
    clearTimeout(holder.timer);
    flow.underWay -= 1;
    flow.resource.underWay -= 1;
    flow.wasSlow = holder.slow;
    if (holder.slow) {
      flow.slow -= 1;
      flow.resource.slow -= 1;
    }
    if (holder.hasPlace) {
      this.#keeping.delete(holder);
      this.#free += 1;
    } else this.#withoutPlace -= 1;
    this.#takePlaces();
    this.#forget(flow);
  }

  /** Takes the slots of slow requests, as far as the limit allows, and grants all free ones to the next flows. */
  #takePlaces(): void {
    for (const holder of this.#keeping) {
      if (this.#withoutPlace >= this.#maxSlow) break;
      this.#keeping.delete(holder);
      holder.hasPlace = false;
      this.#withoutPlace += 1;
      this.#free += 1;
    }
    while (this.#free > 0) {
      const flow = this.#next();
      if (flow === undefined) return;
      // To the end of the queue.
      this.#turns.delete(flow);
      const [grant] = flow.waiting;
      if (grant === undefined) continue;
      flow.waiting.delete(grant);
      if (flow.waiting.size > 0) this.#turns.add(flow);
      grant(this.#start(flow));
    }
  }

  #next(): FlowState | undefined {
    for (const flow of this.#turns) if (this.#mayStart(flow)) return flow;
    return undefined;
  }

  #flow(flow: Flow): FlowState {
    const key = keyOf(flow);
    let state = this.#flows.get(key);
    if (state === undefined) {
      let resource = this.#resources.get(flow.resource);
      if (resource === undefined) {
        resource = { name: flow.resource, flows: 0, underWay: 0, slow: 0 };
        this.#resources.set(flow.resource, resource);
      }
      state = { key, resource, waiting: new Set(), underWay: 0, slow: 0, wasSlow: false };
      resource.flows += 1;
      this.#flows.set(key, state);
    }
    return state;
  }

  /** Drops a flow that is not in use: flows come and go with namespaces. */
  #forget(flow: FlowState): void {
    if (flow.underWay > 0 || flow.waiting.size > 0) return;
    this.#flows.delete(flow.key);
    flow.resource.flows -= 1;
    if (flow.resource.flows === 0) this.#resources.delete(flow.resource.name);
  }
}

function keyOf({ resource, namespace }: Flow): string {
  return `${namespace}/${resource}`;
}
