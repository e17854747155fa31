import { setTimeout as sleep } from 'node:timers/promises';
import { COMPONENTS } from '../../../resources/index.ts';
import { OPERATOR_USER, type OperatorCluster, sample } from '../../support/operator-cluster.ts';
import { Kubelet, type Played } from './kubelet.ts';

/** How bad it gets, and for how long. */
export interface StormOptions {
  seconds: number;
  /** How many RestAPIs, of two pods a component. */
  restApis: number;
  /** All of them may be healed in every way, within this. */
  budget: { stuckSeconds: number; windowSeconds: number; maxActions: number };
}

/** What was seen of it. */
export interface StormFigures {
  /** Troubles that were played, pod by pod. */
  played: number;
  evictions: number;
  restarts: number;
  statusWrites: number;
  /** Other writes of the operator, Events left out. */
  otherWrites: number;
  /** The most actions of one RestAPI in any window. */
  mostInWindow: number;
  /** The most actions of all RestAPIs in any minute. */
  mostInMinute: number;
  /** Actions while most RestAPIs were broken, and while no node answered. */
  inOutage: number;
  withoutNodes: number;
  /** Actions before and after. */
  inGusts: number;
}

type Weather = 'gusts' | 'outage' | 'nodes lost' | 'calm';

/** Shares of the time. */
const FORECAST: [weather: Weather, share: number][] = [
  ['gusts', 0.4],
  ['outage', 0.2],
  ['nodes lost', 0.15],
  ['calm', 0.05],
  ['gusts', 0.2],
];
const TICK_MS = 250;
/** Until the statuses show what has befallen, milliseconds. */
const SEEN_MS = 3_000;

interface Action {
  restApi: string;
  at: number;
}

/**
 * Plays troubles of all kinds on the pods of many RestAPIs, and counts what the operator, which must be running, does
 * about them.
 */
export async function playStorm(
  world: OperatorCluster,
  { seconds, restApis, budget }: StormOptions,
): Promise<StormFigures> {
  using kubelet = new Kubelet(world);
  const names = Array.from({ length: restApis }, (_, index) => `storm-${index}`);
  const healing = { restartPods: 'Stuck', restartComponents: true, ...budget };
  await world.apply(...names.map((name) => sample(name, { replicas: 2, healthCheck: { healing } })));
  for (const name of names) {
    await world.untilReady(name, { timeoutMs: 120_000 });
  }
  const mark = await world.cluster.auditMark();
  const times = new Map<Weather, [from: number, to: number]>();
  let played = 0;
  for (const [weather, share] of FORECAST) {
    const from = Date.now();
    const to = from + share * seconds * 1_000;
    await play(weather, to);
    if (!times.has(weather)) times.set(weather, [from, to]);
  }
  return figures();

  async function play(weather: Weather, until: number): Promise<void> {
    while (Date.now() < until) {
      if (weather === 'gusts') {
        // Few enough fail to count as individual failures. One of them has a failure that only healing ends.
        const [lasting = '', ...passing] = names.slice(0, Math.max(2, Math.floor(names.length * 0.4)));
        await strike(`restapi.dev/name=${lasting},restapi.dev/component=model`, anyOf<Played>(['crashes', 'hangs']), 2);
        await strike(
          `restapi.dev/name=${anyOf(passing)}`,
          anyOf<Played>(['crashes', 'hangs', 'out of memory', 'well']),
          2,
        );
      } else {
        const what: Played[] = { outage: ['crashes', 'hangs'], 'nodes lost': ['node lost'], calm: ['well'] }[
          weather
        ] as Played[];
        await strike(`restapi.dev/component in (${COMPONENTS.join(',')})`, anyOf(what), Number.POSITIVE_INFINITY);
      }
      await sleep(TICK_MS);
    }
  }

  /** Changes only pods whose state differs, as a kubelet does not repeat itself either. */
  async function strike(selector: string, what: Played, most: number): Promise<void> {
    const pods = await kubelet.pods(selector);
    const isWell = (pod: (typeof pods)[number]) =>
      pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
    const struck = pods
      .filter(({ status }) => status?.phase === 'Running')
      .filter((pod) => isWell(pod) !== (what === 'well') || what === 'node lost')
      .filter(({ status }) => what !== 'node lost' || !isToldLost(status?.conditions))
      .slice(0, most);
    const done = await Promise.all(struck.map((pod) => kubelet.say(pod, what)));
    if (what !== 'well') played += done.filter(Boolean).length;
  }

  async function figures(): Promise<StormFigures> {
    const events = (await world.cluster.auditSince(mark)).filter(
      ({ user, verb, objectRef, responseStatus }) =>
        user.username === OPERATOR_USER &&
        ['create', 'patch', 'delete'].includes(verb) &&
        objectRef?.resource !== 'events' &&
        (responseStatus?.code ?? 0) < 400,
    );
    const evictions = events.filter(({ objectRef }) => objectRef?.subresource === 'eviction');
    const restarts = events.filter(({ requestURI }) => requestURI.includes('fieldManager=restapi-healing'));
    const statusWrites = events.filter(({ objectRef }) => objectRef?.subresource === 'status').length;
    const actions = [...evictions, ...restarts].map(
      ({ objectRef, requestReceivedTimestamp }): Action => ({
        restApi: objectRef?.name?.match(/^storm-\d+/)?.[0] ?? '',
        at: Date.parse(requestReceivedTimestamp),
      }),
    );
    const during = (weather: Weather) => {
      const [from = 0, to = 0] = times.get(weather) ?? [];
      return actions.filter(({ at }) => at >= from + SEEN_MS && at < to).length;
    };
    const ofEach = names.map((name) => actions.filter(({ restApi }) => restApi === name));
    const [inOutage, withoutNodes] = [during('outage'), during('nodes lost')];
    return {
      played,
      evictions: evictions.length,
      restarts: restarts.length,
      statusWrites,
      otherWrites: events.length - evictions.length - restarts.length - statusWrites,
      mostInWindow: Math.max(...ofEach.map((own) => most(own, budget.windowSeconds * 1_000))),
      mostInMinute: most(actions, 60_000),
      inOutage,
      withoutNodes,
      inGusts: actions.length - inOutage - withoutNodes,
    };
  }
}

function isToldLost(conditions: { type: string; status: string }[] = []): boolean {
  const is = (type: string) => conditions.find((one) => one.type === type)?.status === 'True';
  return !is('Ready') && is('ContainersReady');
}

/** An action is written down first, and done a little later: by so much two may come closer than they were meant to. */
const DELAY_MS = 1_000;

/** The most that came within any so many milliseconds. */
function most(actions: readonly Action[], withinMs: number): number {
  const near = withinMs - DELAY_MS;
  const counts = actions.map(({ at }) => actions.filter((one) => one.at <= at && at - one.at < near).length);
  return Math.max(0, ...counts);
}

function anyOf<T>(choices: readonly T[]): T {
  return choices[Math.floor(Math.random() * choices.length)] as T;
}
