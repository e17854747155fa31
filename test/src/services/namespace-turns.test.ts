import { describe, expect, test } from 'vitest';
import { NamespaceTurns, TURNS, TURNS_OF_NAMESPACE } from '../../../src/services/namespace-turns.ts';
import { loopTurns } from '../../support/loop-turns.ts';
import { UNENDING } from '../checks/server.ts';

/** Asks for a number of turns, and records the namespaces that get one, in order. */
class Asking {
  readonly turns = new NamespaceTurns();
  readonly got: string[] = [];

  ask(namespace: string, count: number, signal = UNENDING): void {
    for (let asked = 0; asked < count; asked++) {
      this.turns.acquire(namespace, signal).then(
        () => this.got.push(namespace),
        () => {},
      );
    }
  }

  async count(namespace: string): Promise<number> {
    await loopTurns(2);
    return this.got.filter((one) => one === namespace).length;
  }
}

describe('turns of namespaces', () => {
  test('a namespace gets so many, and one more with each that it gives back', async () => {
    const asking = new Asking();
    asking.ask('a', TURNS_OF_NAMESPACE + 2);
    expect(await asking.count('a')).toBe(TURNS_OF_NAMESPACE);
    asking.turns.release('a');
    expect(await asking.count('a')).toBe(TURNS_OF_NAMESPACE + 1);
  });

  test('the first request of a namespace never waits, whatever runs', async () => {
    const asking = new Asking();
    const tenants = Array.from({ length: 300 }, (_, index) => `tenant-${index}`);
    for (const tenant of tenants) asking.ask(tenant, TURNS_OF_NAMESPACE + 2);
    asking.ask('bank', 2);
    expect(await asking.count('bank')).toBe(1);
    expect(new Set(asking.got)).toEqual(new Set([...tenants, 'bank']));
    expect(asking.got).toHaveLength(tenants.length + 1 + TURNS);
  });

  test('a turn that is given back goes to the namespace with the fewest', async () => {
    const asking = new Asking();
    // The first one of each is not counted among the turns of all.
    const many = Math.ceil(TURNS / (TURNS_OF_NAMESPACE - 1));
    for (let index = 0; index < many; index++) asking.ask(`tenant-${index}`, TURNS_OF_NAMESPACE + 1);
    asking.ask('bank', 2);
    expect(await asking.count('bank')).toBe(1);
    asking.turns.release('tenant-0');
    expect(await asking.count('bank')).toBe(2);
  });

  test('who gives up waiting gets none', async () => {
    const asking = new Asking();
    const end = new AbortController();
    asking.ask('a', TURNS_OF_NAMESPACE);
    asking.ask('a', 1, end.signal);
    end.abort();
    asking.turns.release('a');
    expect(await asking.count('a')).toBe(TURNS_OF_NAMESPACE);
    await expect(asking.turns.acquire('a', end.signal)).rejects.toThrow('aborted');
  });
});
