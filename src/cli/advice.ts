import type { StoredObject } from '../../operator/index.ts';
import type { Amounts } from '../../resources/api/resource-amounts.ts';
import {
  type ComponentName,
  type RecommendedAmounts,
  type RestAPI,
  scalingOf,
  verticalScalingOf,
} from '../../resources/index.ts';
import { enabledComponents } from '../../resources/model/enabled-components.ts';
import { VERTICAL_RESOURCES } from '../../resources/model/resized.ts';
import { numberOf } from '../scaling/scaling-status.ts';
import { styledLine } from '../terminal/styled-line.ts';
import { tableLines } from '../terminal/table-lines.ts';
import { oneLine, YELLOW } from '../terminal/text.ts';
import type { Viewport } from '../terminal/viewport.ts';

/** Relative difference between request and recommendation that is good enough. */
const TOLERANCE = 0.1;

/** How a component is scaled and what to improve, in the format of `-o json`. */
export interface ComponentAdvice {
  name: ComponentName;
  replicas: number;
  /** Bounds, with autoscaling. */
  minReplicas?: number;
  maxReplicas?: number;
  /** Metrics of the autoscaler, such as `cpu 43% of 70%`. */
  follows: string[];
  /** Requests in the spec. */
  requests: RecommendedAmounts;
  /** Recommended requests. */
  recommended?: RecommendedAmounts;
  advice: string[];
}

/** Advises on the scaling of a RestAPI. Pure. */
export function adviceOf(api: StoredObject<RestAPI>): ComponentAdvice[] {
  return enabledComponents(api).map((name): ComponentAdvice => {
    const { scaling, recommended, replicas = 0 } = api.status?.components?.find((one) => one.name === name) ?? {};
    const { cpu, memory } = (api.spec[name].resources.requests ?? {}) as Amounts;
    const requests = { ...(cpu && { cpu: String(cpu) }), ...(memory && { memory: String(memory) }) };
    return {
      name,
      replicas,
      ...(scaling && { minReplicas: scaling.minReplicas, maxReplicas: scaling.maxReplicas }),
      follows: (scaling?.metrics ?? []).map((metric) => `${metric.name} ${metric.current ?? '?'} of ${metric.target}`),
      requests,
      ...(recommended && { recommended }),
      advice: [...aboutPods(api, name), ...aboutRequests(api, name, requests, recommended)],
    };
  });
}

function aboutPods(api: StoredObject<RestAPI>, name: ComponentName): string[] {
  const { scaling, replicas = 0 } = api.status?.components?.find((one) => one.name === name) ?? {};
  const field = `spec.autoScaling.${name}`;
  if (!scalingOf(api, name)) return [`fixed number of pods; to scale with the load, set ${field}.enabled`];
  if (!scaling) return [];
  const advice: string[] = [];
  const above = scaling.metrics.some(
    ({ current, target }) => current !== undefined && numberOf(current) > numberOf(target),
  );
  if (replicas >= scaling.maxReplicas && above) {
    advice.push(`at its maximum and above target; raise ${field}.maxReplicas (${scaling.maxReplicas})`);
  }
  for (const metric of scaling.metrics.filter(({ current }) => current === undefined)) {
    advice.push(`${metric.name} is unknown; see the condition ScalingActive`);
  }
  const { forecast } = scaling;
  if (forecast?.reliable && forecast.minReplicas > scaling.maxReplicas) {
    advice.push(
      `the forecast requires ${forecast.minReplicas} pods; raise ${field}.maxReplicas (${scaling.maxReplicas})`,
    );
  }
  return advice;
}

function aboutRequests(
  api: StoredObject<RestAPI>,
  name: ComponentName,
  requests: RecommendedAmounts,
  recommended: RecommendedAmounts | undefined,
): string[] {
  const vertical = verticalScalingOf(api, name);
  if (!vertical) return [`no recommended requests; to get them, set spec.autoScaling.${name}.vertical: {}`];
  if (!recommended) return ['not enough usage data yet to recommend requests'];
  const changes = VERTICAL_RESOURCES.flatMap((resource) => {
    const [has, wanted] = [requests[resource], recommended[resource]];
    if (wanted === undefined) return [];
    const share = has === undefined ? Number.POSITIVE_INFINITY : numberOf(wanted) / numberOf(has) - 1;
    if (Math.abs(share) <= TOLERANCE) return [];
    return [`${resource} ${has === undefined ? '' : `from ${has} `}to ${wanted}`];
  });
  if (changes.length === 0) return [];
  if (vertical.mode !== 'Recommend') return [`the operator will change requests: ${changes.join(', ')}`];
  return [`change spec.${name}.resources.requests: ${changes.join(', ')}; or set vertical.mode to InPlace or Rolling`];
}

/** The lines of a table, followed by the advice. */
export function adviceLines(all: readonly ComponentAdvice[], viewport: Pick<Viewport, 'width' | 'colour'>): string[] {
  const rows = all.map(({ name, replicas, minReplicas, maxReplicas, follows, requests, recommended }) => ({
    cells: [
      name,
      minReplicas === undefined ? String(replicas) : `${replicas} of ${minReplicas}-${maxReplicas}`,
      follows.map(oneLine).join(', ') || '-',
      describeAmounts(requests),
      recommended ? describeAmounts(recommended) : '-',
    ],
  }));
  return [
    ...tableLines(['COMPONENT', 'PODS', 'FOLLOWS', 'REQUESTS', 'RECOMMENDED'], rows, viewport),
    ...all.flatMap(({ name, advice }) =>
      advice.map((text) => styledLine([[`${name}: ${oneLine(text)}`, YELLOW]], viewport)),
    ),
  ];
}

function describeAmounts({ cpu, memory }: RecommendedAmounts): string {
  const parts = [cpu && `cpu ${cpu}`, memory && `memory ${memory}`].filter(Boolean);
  return parts.join(', ') || '-';
}
