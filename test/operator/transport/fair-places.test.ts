import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FairPlaces, type Flow, type Place } from '../../../operator/transport/fair-places.ts';

const SLOW_MS = 500;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const flow = (resource: string, namespace = 'a'): Flow => ({ resource, namespace });

/** Asks for places and notes in which order they are given. */
function recorder(places: FairPlaces) {
  const started: string[] = [];
  const held = new Map<string, Place[]>();
  return {
    started,
    ask(of: Flow, count = 1): void {
      for (let i = 0; i < count; i++) {
        void places.acquire(of).then((place) => {
          const name = `${of.namespace}/${of.resource}`;
          started.push(name);
          held.set(name, [...(held.get(name) ?? []), place]);
        });
      }
    },
    /** Ends the oldest request of a flow. */
    end(of: Flow): void {
      held.get(`${of.namespace}/${of.resource}`)?.shift()?.release();
    },
    count: (of: Flow) => started.filter((name) => name === `${of.namespace}/${of.resource}`).length,
  };
}

const turn = () => vi.advanceTimersByTimeAsync(0);
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('FairPlaces', () => {
  it('grants slots to flows in turn, and within a flow in order of arrival', async () => {
    const places = new FairPlaces({ places: 1 });
    const { ask, end, started } = recorder(places);
    ask(flow('x'), 4);
    ask(flow('y'), 2);
    ask(flow('z'), 1);
    for (const each of ['x', 'x', 'y', 'z', 'x', 'y', 'x']) {
      await turn();
      expect(places.underWay).toBe(1);
      const last = started.at(-1) as string;
      expect(last).toBe(`a/${each}`);
      end(flow(each));
    }
    await turn();
    expect(places.underWay).toBe(0);
  });

  it('serves a flow first come first served, and skips aborted requests', async () => {
    const places = new FairPlaces({ places: 1 });
    const order: string[] = [];
    const impatient = new AbortController();
    const first = await places.acquire(flow('x'));
    const waits = [
      places.acquire(flow('x'), impatient.signal).catch((reason) => order.push(String(reason))),
      places.acquire(flow('x')).then((place) => {
        order.push('second');
        place.release();
      }),
      places.acquire(flow('x')).then((place) => {
        order.push('third');
        place.release();
      }),
    ];
    impatient.abort('gave up');
    first.release();
    first.release();
    await Promise.all(waits);
    expect(order).toEqual(['gave up', 'second', 'third']);
    // The place that was released twice was given back once.
    expect(places.tryAcquire(flow('x'))).toBeDefined();
    expect(places.tryAcquire(flow('y'))).toBeUndefined();
    await expect(places.acquire(flow('x'), AbortSignal.abort('late'))).rejects.toBe('late');
  });

  it('takes the slot of a slow request, which continues, and limits a flow with slow requests to 8', async () => {
    const places = new FairPlaces({ places: 4 });
    const { ask, end, count } = recorder(places);
    ask(flow('slow'), 40);
    await pass(SLOW_MS - 1);
    expect(count(flow('slow'))).toBe(4);
    ask(flow('other'));
    await pass(1);
    // Both waited; the other came later and had its turn all the same.
    expect(count(flow('other'))).toBe(1);
    await pass(10 * SLOW_MS);
    expect(count(flow('slow'))).toBe(8);
    // Queued requests of the slow flow delay no other flow.
    ask(flow('other'), 3);
    ask(flow('slow', 'b'), 3);
    await turn();
    expect(count(flow('other'))).toBe(4);
    await pass(SLOW_MS);
    expect(count(flow('slow'))).toBe(8);
    end(flow('slow'));
    await turn();
    expect(count(flow('slow'))).toBe(9);
    expect(places.reason(flow('slow'))).toContain('8 requests "slow" in namespace a are in flight');
    expect(places.reason(flow('other'))).toBe('waiting for a free request slot');
  });

  it('opens to a flow again once one of its requests is answered fast', async () => {
    const places = new FairPlaces({ places: 16 });
    const { ask, end, count } = recorder(places);
    ask(flow('x'), 12);
    await pass(SLOW_MS);
    ask(flow('x'), 4);
    await turn();
    expect(count(flow('x'))).toBe(12);
    for (let i = 0; i < 12; i++) end(flow('x'));
    // The four that waited; the last answer was slow, so no more than 8 yet.
    ask(flow('x'), 20);
    await turn();
    expect(count(flow('x'))).toBe(12 + 8);
    // One fast answer shows that it is well again.
    end(flow('x'));
    await turn();
    expect(count(flow('x'))).toBe(12 + 8 + 9);
    expect(places.underWay).toBe(16);
  });

  it('starts another namespace of a slow resource within 500 ms, up to 4 × places per resource', async () => {
    const places = new FairPlaces({ places: 4 });
    const { ask, end, count } = recorder(places);
    for (const namespace of ['a', 'b', 'c']) {
      ask(flow('slow', namespace), 40);
      await pass(SLOW_MS);
      expect(count(flow('slow', namespace))).toBeGreaterThan(0);
    }
    await pass(20 * SLOW_MS);
    expect(places.underWay).toBe(16);
    ask(flow('slow', 'd'));
    ask(flow('other'));
    await turn();
    expect(count(flow('slow', 'd'))).toBe(0);
    expect(count(flow('other'))).toBe(1);
    expect(places.reason(flow('slow', 'd'))).toContain('16 requests "slow" are in flight');
    // In turn, not behind the dozens that waited before.
    for (let i = 0; i < 4; i++) end(flow('slow', 'a'));
    await pass(SLOW_MS);
    expect(count(flow('slow', 'd'))).toBe(1);
    expect(places.underWay).toBe(17);
  });

  it('never exceeds 9 × places, and continues in order when that many are slow', async () => {
    const places = new FairPlaces({ places: 2 });
    const { ask, end, count } = recorder(places);
    for (const resource of ['p', 'q', 'r', 's', 't']) ask(flow(resource), 20);
    for (let i = 0; i < 40; i++) {
      await pass(SLOW_MS);
      expect(places.underWay).toBeLessThanOrEqual(18);
    }
    expect(places.underWay).toBe(18);
    ask(flow('fresh'));
    await pass(SLOW_MS);
    expect(count(flow('fresh'))).toBe(0);
    // One that ends lets the oldest of those that kept their places give it back.
    end(flow('p'));
    await turn();
    expect(places.underWay).toBe(18);
    // The waiting flows have their turns: six at most.
    for (const resource of ['p', 'q', 'r', 's', 't']) {
      end(flow(resource));
      await pass(SLOW_MS);
      expect(places.underWay).toBe(18);
    }
    expect(count(flow('fresh'))).toBe(1);
  });

  it('keeps its bounds and loses no request in any order of events', async () => {
    const PLACES = 3;
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    const places = new FairPlaces({ places: PLACES });
    const held: { place: Place; of: Flow; since: number }[] = [];
    let asked = 0;
    let given = 0;
    let gaveUp = 0;
    for (let step = 0; step < 3_000; step++) {
      const choice = random(10);
      if (choice < 5) {
        const of = flow(`r${random(4)}`, `n${random(3)}`);
        const giver = new AbortController();
        asked += 1;
        places.acquire(of, giver.signal).then(
          (place) => {
            given += 1;
            held.push({ place, of, since: Date.now() });
          },
          () => {
            gaveUp += 1;
          },
        );
        if (random(5) === 0) giver.abort();
      } else if (choice < 9 && held.length > 0) {
        held.splice(random(held.length), 1)[0]?.place.release();
      } else await pass(random(700));
      await turn();
      const fast = held.filter(({ since }) => Date.now() - since < SLOW_MS).length;
      expect(fast).toBeLessThanOrEqual(PLACES);
      expect(held.length).toBeLessThanOrEqual(9 * PLACES);
      expect(places.underWay).toBe(held.length);
    }
    while (held.length > 0) {
      held.shift()?.place.release();
      await turn();
    }
    expect(given + gaveUp).toBe(asked);
    expect(places.underWay).toBe(0);
    for (let i = 0; i < PLACES; i++) expect(places.tryAcquire(flow('x'))).toBeDefined();
    expect(places.tryAcquire(flow('x'))).toBeUndefined();
  });

  it('rejects invalid limits', () => {
    for (const places of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => new FairPlaces({ places })).toThrow(RangeError);
  });
});
