import type { HealingRecord, RestAPIStatus } from '../../../resources/index.ts';
import { eventually } from '../../support/eventually.ts';
import type { OperatorCluster } from '../../support/operator-cluster.ts';

/** Healing that need not be waited for. */
export const QUICK = { stuckSeconds: 5, windowSeconds: 600 };

/** The status of a RestAPI; empty if there is none. */
export async function readStatus(world: OperatorCluster, name: string): Promise<RestAPIStatus> {
  return (await world.restapi(name))?.status ?? {};
}

/** The actions that were done, the newest first. */
export function done(status: RestAPIStatus): HealingRecord[] {
  return (status.healing?.actions ?? []).filter(({ result }) => result === 'Done');
}

/** The condition that says why healing does not act. */
export function held({ conditions = [] }: RestAPIStatus) {
  return conditions.find(({ type }) => type === 'HealingHeld');
}

/** Waits until healing is held for this reason. @throws after 150 s, with the status */
export async function untilHeld(world: OperatorCluster, name: string, reason: string): Promise<void> {
  let last: RestAPIStatus = {};
  await eventually(
    async () => {
      last = await readStatus(world, name);
      return held(last)?.reason === reason;
    },
    { what: `${name} is held by ${reason}`, timeoutMs: 150_000 },
  ).catch((error) => {
    throw new Error(`${error.message}: ${JSON.stringify(last, undefined, 1)}`);
  });
}
