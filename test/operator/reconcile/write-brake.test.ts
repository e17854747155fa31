import { expect, test } from 'vitest';
import { BRAKE_TIMINGS, WriteBrake } from '../../../operator/reconcile/write-brake.ts';

const MINUTE = 60_000;

/** A brake with a clock that is set by hand. */
function braked() {
  const clock = { now: 1_000_000 };
  const brake = new WriteBrake({}, () => clock.now);
  return { clock, brake };
}

/** Somebody changes the object every so many milliseconds. @returns the times at which it was written back */
function fight({ clock, brake }: ReturnType<typeof braked>, everyMs: number, forMs: number): number[] {
  const start = clock.now;
  const writes: number[] = [];
  for (; clock.now < start + forMs; clock.now += everyMs) {
    if (brake.waitMs('owner', 'object') > 0) continue;
    brake.repaired('owner', 'object', 'hash');
    writes.push(clock.now - start);
  }
  return writes;
}

test('three repairs are immediate, then the delay doubles up to five minutes', () => {
  const writes = fight(braked(), 25, 20 * MINUTE);
  const gaps = writes.map((at, index) => at - (writes[index - 1] ?? 0));
  expect(gaps.slice(0, 3)).toEqual([0, 25, 25]);
  expect(gaps.slice(3, 10)).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000]);
  expect(Math.max(...gaps)).toBe(BRAKE_TIMINGS.maxDelayMs);
});

test('a slow client causes delays after more than three repairs in a minute', () => {
  expect(fight(braked(), 20_000, 10 * MINUTE)).toHaveLength(30);
  expect(fight(braked(), 15_000, 10 * MINUTE).length).toBeLessThan(12);
});

test('after a minute without changes repairs are immediate again', () => {
  const world = braked();
  const { brake, clock } = world;
  fight(world, 25, 30_000);
  brake.began('owner', 'object', { fields: ['data.a'], who: 'somebody' });
  expect(brake.calm('owner', 'object')).toMatchObject({ over: false });
  clock.now += MINUTE - 1_000;
  const calm = brake.calm('owner', 'object');
  expect(calm?.over === false && calm.afterMs).toBeGreaterThan(0);
  clock.now += 1_000;
  expect(brake.calm('owner', 'object')).toEqual({ over: true, fight: { fields: ['data.a'], who: 'somebody' } });
  expect(brake.calm('owner', 'object')).toBeUndefined();
  expect(fight(world, 25, 1_000)).toHaveLength(3);
});

test('a change in between prolongs contention', () => {
  const world = braked();
  fight(world, 25, 1_000);
  world.clock.now += 50_000;
  expect(world.brake.waitMs('owner', 'object')).toBe(0);
  world.clock.now += 50_000;
  expect(world.brake.calm('owner', 'object')).toMatchObject({ over: false, afterMs: 10_000 });
});

test('each object has its own brake, and a changed description is no repair', () => {
  const world = braked();
  fight(world, 25, 1_000);
  expect(world.brake.waitMs('owner', 'object')).toBeGreaterThan(0);
  expect(world.brake.waitMs('owner', 'other')).toBe(0);
  expect(world.brake.waitMs('other', 'object')).toBe(0);
  for (let i = 0; i < 10; i++) world.brake.wrote('owner', 'other', `hash-${i}`);
  expect(world.brake.waitMs('owner', 'other')).toBe(0);
});

test('it forgets old writes, deleted objects and contention that is no longer queried', () => {
  const world = braked();
  const { brake, clock } = world;
  for (let i = 0; i < 1_000; i++) brake.wrote(`owner-${i}`, 'object', 'hash');
  fight(world, 25, 1_000);
  expect(brake.size).toBe(1_001);
  expect(brake.lastHash('owner-1', 'object')).toBe('hash');
  clock.now += MINUTE;
  expect(brake.lastHash('owner-1', 'object')).toBeUndefined();
  brake.wrote('new', 'object', 'hash');
  expect(brake.size).toBe(2);
  brake.forget('new');
  expect(brake.size).toBe(1);
  clock.now += BRAKE_TIMINGS.maxDelayMs + MINUTE;
  brake.wrote('new', 'object', 'hash');
  expect(brake.size).toBe(1);
  brake.forget('new', 'object');
  expect(brake.size).toBe(0);
  brake.wrote('new', 'object', 'hash');
  clock.now += MINUTE;
  brake.sweep();
  expect(brake.size).toBe(0);
});
