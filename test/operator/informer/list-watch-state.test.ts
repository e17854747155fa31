import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LONGEST_RETRY_AFTER_MS } from '../../../operator/informer/list-watch-failure.ts';
import {
  type Effect,
  initialMachine,
  type Machine,
  type Outcome,
  type State,
  type StepContext,
} from '../../../operator/informer/list-watch-state.ts';
import { next } from '../../../operator/informer/list-watch-step.ts';
import { recoveryFrom } from '../../../operator/informer/watch-failure.ts';
import { ApiError } from '../../../operator/transport/api-error.ts';
import { TransportError } from '../../../operator/transport/transport-error.ts';

const TIMINGS = { backoffMs: [200, 10_000], healthyAfterMs: 5_000, unservedRetryMs: 30_000 } as const;
const WHAT = 'restapis.restapi.dev';

const apiError = (status: number) => new ApiError({ status, method: 'GET', path: '/x' });
const noAnswer = (timedOut: boolean) =>
  new TransportError('the connection failed', { method: 'GET', path: '/x', fate: 'unknown', timedOut });
const failed = (error: Error, requestedMs = 0): Outcome => ({
  type: 'failed',
  recovery: recoveryFrom(error, WHAT),
  requestedMs,
});

const anyError = fc.oneof(
  fc.constantFrom(400, 401, 403, 404, 410, 422, 429, 500, 503, 504).map(apiError),
  fc.boolean().map(noAnswer),
  fc.constant(new Error('a corrupt line')),
);
const anyVersion = fc.integer({ min: 1, max: 60 }).map(String);
const anyFailure = fc.tuple(anyError, fc.constantFrom(0, 1_000, 600_000)).map(([error, ms]) => failed(error, ms));

const opened = fc.constant<Outcome>({ type: 'opened' });
const listed = fc.record({ type: fc.constant('listed' as const), version: anyVersion });
const notServed = fc.constant<Outcome>({ type: 'not served' });
const unlistable = fc.record({
  type: fc.constant('unlistable' as const),
  reason: fc.constant('refused'),
  refused: fc.boolean(),
});

/** The possible outcomes of a state, whatever the server does. */
function outcomesOf(state: State): fc.Arbitrary<Outcome> {
  switch (state.name) {
    case 'Listing':
      if (state.openedMs === undefined) return fc.oneof(opened, unlistable, notServed, anyFailure);
      return fc.oneof(listed, listed, fc.constant<Outcome>({ type: 'ended' }), anyFailure);
    case 'ListingByPages':
      return fc.oneof(listed, notServed, anyFailure);
    case 'Checking':
      return fc.oneof(
        fc.constantFrom<Outcome>(
          { type: 'checked', history: 'same' },
          { type: 'checked', history: 'unknown' },
          { type: 'checked', history: 'other', reason: 'went back' },
        ),
        notServed,
        anyFailure,
      );
    case 'Watching':
      if (state.openedMs === undefined) return fc.oneof(opened, notServed, anyFailure);
      return fc.oneof(
        fc.record({ type: fc.constant('moved' as const), version: anyVersion }),
        fc.constant<Outcome>({ type: 'ended' }),
        anyFailure,
      );
    case 'Waiting':
    case 'Unserved':
      return fc.constant<Outcome>({ type: 'waited' });
  }
}
const fromOutside = fc.constantFrom<Outcome>({ type: 'abandoned', reason: 'lags' }, { type: 'replaced', epoch: 0 });

/** A list-watch without I/O: the clock and the server's answers are simulated. */
class Player {
  machine: Machine = initialMachine(1);
  nowMs = 0;
  effects: Effect[] = [];
  /** The epoch each version that the machine knows was seen in. */
  readonly #seenIn = new Map<string, Set<number>>();

  step(outcome: Outcome, livedMs = 10): Effect[] {
    const { state, epoch } = this.machine;
    this.nowMs += state.name === 'Waiting' || state.name === 'Unserved' ? state.pauseMs : livedMs;
    const context: StepContext = { nowMs: this.nowMs, random: 0.5, timings: TIMINGS, what: WHAT };
    if (outcome.type === 'listed' || outcome.type === 'moved') {
      this.#seenIn.set(outcome.version, (this.#seenIn.get(outcome.version) ?? new Set()).add(epoch));
    }
    const { machine, effects } = next(this.machine, outcome, context);
    this.machine = machine;
    this.effects.push(...effects);
    // As ServerHistory does at the first report of an epoch.
    if (effects.some(({ type }) => type === 'report')) this.step({ type: 'replaced', epoch: epoch + 1 });
    return effects;
  }

  /** Throws if a version is used in a history in which it was not seen. */
  checkVersions(): void {
    const { state, epoch } = this.machine;
    const target = state.name === 'Waiting' ? state.then : state;
    const version = 'from' in target ? target.from : 'after' in target ? target.after : undefined;
    if (version === undefined) return;
    expect(this.#seenIn.get(version), `${target.name} at ${version} in history ${epoch}`).toContain(epoch);
  }
}

/** Random steps, each of an outcome that fits the state then. */
function play(gen: fc.GeneratorValue, player: Player, steps: number, look: (effects: Effect[]) => void): void {
  for (let i = 0; i < steps; i++) {
    const outside = gen(fc.nat, { max: 9 }) === 0;
    const outcome = gen(() => (outside ? fromOutside : outcomesOf(player.machine.state)));
    const livedMs = gen(fc.constantFrom, 1, 1_000, 50_000);
    const fitting = outcome.type === 'replaced' ? { ...outcome, epoch: player.machine.epoch + 1 } : outcome;
    look(player.step(fitting, livedMs));
  }
}

const always = (property: (gen: fc.GeneratorValue) => void) =>
  fc.assert(
    fc.property(fc.gen(), (gen) => property(gen)),
    // Shrinking a run of many steps takes minutes.
    { numRuns: 300, endOnFailure: true },
  );

describe('a list-watch, for any outcomes in any order,', () => {
  it('never watches, checks or compares from a version of another history', () => {
    always((gen) => {
      const player = new Player();
      play(gen, player, 60, () => player.checkVersions());
    });
  });

  it('never goes to an older version within one history', () => {
    always((gen) => {
      const player = new Player();
      let last = { epoch: 1, version: 0 };
      play(gen, player, 60, () => {
        const { state, epoch } = player.machine;
        // After a CRD came back, the old version means nothing.
        if (state.name === 'Unserved') last = { epoch, version: 0 };
        if (state.name !== 'Watching') return;
        const version = Number(state.from);
        if (epoch === last.epoch) expect(version).toBeGreaterThanOrEqual(last.version);
        last = { epoch, version };
      });
    });
  });

  it('pauses after every failure except the first of an expected kind, for a bounded time', () => {
    always((gen) => {
      const player = new Player();
      let expectedInARow = 0;
      for (let i = 0; i < 60; i++) {
        const { failures } = player.machine;
        const outcome = gen(() => outcomesOf(player.machine.state));
        player.step(outcome, gen(fc.constantFrom, 1, 50_000));
        const { state } = player.machine;
        const pauseMs = state.name === 'Waiting' || state.name === 'Unserved' ? state.pauseMs : 0;
        expect(pauseMs).toBeLessThanOrEqual(LONGEST_RETRY_AFTER_MS);
        if (outcome.type !== 'failed') continue;
        expectedInARow = outcome.recovery.expected ? expectedInARow + 1 : 0;
        if (pauseMs === 0) {
          expect(outcome.recovery.expected).toBe(true);
          expect(player.machine.failures).toBe(1);
        }
        if (pauseMs === 0) expect([0, failures]).toContain(failures);
      }
    });
  });

  it('returns to an open watch as soon as the server answers properly', () => {
    const healthy: Record<State['name'], Outcome[]> = {
      Listing: [{ type: 'opened' }, { type: 'listed', version: '1000' }],
      ListingByPages: [{ type: 'listed', version: '1000' }],
      Checking: [{ type: 'checked', history: 'same' }],
      Watching: [{ type: 'opened' }, { type: 'moved', version: '2000' }],
      Waiting: [{ type: 'waited' }],
      Unserved: [{ type: 'waited' }],
    };
    always((gen) => {
      const player = new Player();
      play(gen, player, 40, () => {});
      const passed: string[] = [];
      const isOpen = () => player.machine.state.name === 'Watching' && player.machine.state.heard;
      for (let i = 0; i < 5 && !isOpen(); i++) {
        const { name } = player.machine.state;
        passed.push(name);
        for (const outcome of healthy[name]) player.step(outcome);
      }
      expect(isOpen(), passed.join(' -> ')).toBe(true);
      expect(player.machine).toMatchObject({ loggedFailures: [], trouble: undefined, gap: undefined });
    });
  });

  it('lists within three steps, however often the server refuses a check', () => {
    for (const status of [403, 404, 400, 500]) {
      const player = watching('10');
      player.step(failed(noAnswer(false)));
      const states: string[] = [];
      for (let i = 0; i < 6; i++) {
        const { state } = player.machine;
        states.push(state.name);
        player.step(state.name === 'Waiting' ? { type: 'waited' } : failed(apiError(status)));
      }
      expect(states, String(status)).toEqual(['Waiting', 'Checking', 'Waiting', 'Listing', 'Waiting', 'Listing']);
    }
  });

  it('warns of each kind of failure once until a watch is open again', () => {
    always((gen) => {
      const player = new Player();
      const kinds = new Set<string>();
      for (let i = 0; i < 60; i++) {
        const outcome = gen(() => outcomesOf(player.machine.state));
        const effects = player.step(outcome, gen(fc.constantFrom, 1, 50_000));
        const warned = effects.filter(
          (effect) => effect.type === 'log' && effect.message.startsWith('Watch interrupted'),
        );
        const loud = warned.filter((effect) => effect.type === 'log' && effect.level === 'warn');
        if (outcome.type === 'failed') {
          const { kind, expected } = outcome.recovery;
          expect(loud.length).toBe(expected || kinds.has(kind) ? 0 : 1);
          if (!expected) kinds.add(kind);
        } else expect(warned).toEqual([]);
        const { state } = player.machine;
        const works = state.name === 'Watching' && state.openedMs !== undefined;
        if (works || outcome.type === 'not served') kinds.clear();
      }
    });
  });

  it('never sends requests in a busy loop, whatever the server answers at once', () => {
    const persistent: [string, (state: State['name']) => Outcome[]][] = [
      ['410', () => [failed(apiError(410))]],
      ['410 after each list', (name) => (name === 'Watching' ? [failed(apiError(410))] : list())],
      [
        'watches that end at once',
        (name) => (name === 'Watching' ? [{ type: 'opened' }, { type: 'ended' }] : list(name)),
      ],
      [
        'watches that end after a bookmark',
        (name) =>
          name === 'Watching'
            ? [{ type: 'opened' }, { type: 'moved', version: '1000' }, { type: 'ended' }]
            : list(name),
      ],
      ['an HTML page', () => [{ type: 'opened' }, failed(new Error('not JSON'))]],
      ['a kind that is not served', () => [{ type: 'not served' }]],
    ];
    for (const [what, answers] of persistent) {
      const player = new Player();
      let requests = 0;
      while (player.nowMs < 60_000 && requests < 10_000) {
        const { name } = player.machine.state;
        if (name === 'Waiting' || name === 'Unserved') player.step({ type: 'waited' });
        else {
          requests += 1;
          for (const outcome of answers(name)) player.step(outcome, 1);
        }
      }
      // No more than a watch each 200 ms; the server is slower by far.
      expect(requests, what).toBeLessThan(310);
    }
  });
});

describe('a list-watch', () => {
  it('reports a changed history once, by a check, an event, a bookmark or a list, and lists again', () => {
    const ways: ((player: Player) => Effect[])[] = [
      (player) => player.step({ type: 'moved', version: '9' }),
      (player) => {
        player.step(failed(noAnswer(false)));
        player.step({ type: 'waited' });
        return player.step({ type: 'checked', history: 'other', reason: 'no such object' });
      },
      (player) => {
        player.step(failed(apiError(410)));
        return player.step({ type: 'listed', version: '9' });
      },
      (player) => {
        player.step(failed(apiError(410)));
        return player.step({ type: 'listed', version: '99', rewound: 'a went back' });
      },
    ];
    for (const way of ways) {
      const player = watching('10');
      expect(way(player).filter(({ type }) => type === 'report')).toHaveLength(1);
      expect(player.machine).toMatchObject({ epoch: 2, state: { name: 'Listing', after: undefined } });
      // The version of the new history is taken, however low.
      player.step({ type: 'opened' });
      player.step({ type: 'listed', version: '5' });
      expect(player.machine.state).toMatchObject({ name: 'Watching', from: '5' });
      expect(player.effects.filter(({ type }) => type === 'report')).toHaveLength(1);
    }
  });

  it('drops all known versions when another informer reports a changed history', () => {
    always((gen) => {
      const player = new Player();
      play(gen, player, 20, () => {});
      player.step({ type: 'replaced', epoch: 99 });
      expect(player.machine.epoch).toBe(99);
      expect(['Listing', 'ListingByPages']).toContain(player.machine.state.name);
      expect(player.machine.state).toMatchObject({ after: undefined });
    });
  });

  it('reopens an abandoned watch at its current version', () => {
    const player = watching('10');
    player.step({ type: 'moved', version: '12' });
    player.step({ type: 'abandoned', reason: 'it lags' });
    expect(player.machine.state).toMatchObject({ name: 'Watching', from: '12', openedMs: undefined });
    player.step({ type: 'opened' });
    expect(player.effects.at(-1)).toMatchObject({
      type: 'reconnected',
      reconnection: { cause: 'stale', relisted: false },
    });
  });

  it('shows trouble from the first failure until the next open watch', () => {
    const player = watching('10');
    player.nowMs = 1_000;
    player.step(failed(apiError(403)), 0);
    player.step({ type: 'waited' });
    player.step(failed(noAnswer(true)));
    expect(player.machine.trouble).toMatchObject({ sinceMs: 1_000, reason: 'the connection failed' });
    player.step({ type: 'waited' });
    player.step({ type: 'checked', history: 'same' });
    player.step({ type: 'opened' });
    expect(player.machine.trouble).toBeUndefined();
  });
});

function watching(version: string): Player {
  const player = new Player();
  player.step({ type: 'opened' });
  player.step({ type: 'listed', version });
  return player;
}

function list(name: State['name'] = 'Listing'): Outcome[] {
  if (name === 'Checking') return [{ type: 'checked', history: 'same' }];
  return [{ type: 'opened' }, { type: 'listed', version: '1000' }];
}
