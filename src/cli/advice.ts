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
import { columns } from '../terminal/columns.ts';
import type { Look } from '../terminal/look.ts';
import { styledLine } from '../terminal/styled-line.ts';
import { GREY, oneLine, YELLOW } from '../terminal/text.ts';

/** A request that differs by less from what is recommended is fine, as a share. */
const FINE = 0.1;

/** How a component is scaled, and what could be better. This is what `-o json` shows. */
export interface ComponentAdvice {
  name: ComponentName;
  replicas: number;
  /** Bounds; left out: its number of pods does not follow its load. */
  minReplicas?: number;
  maxReplicas?: number;
  /** What its number of pods follows, such as `cpu 43% of 70%`. */
  follows: string[];
  /** What the spec has its pods request. */
  requests: RecommendedAmounts;
  /** What they should request. */
  recommended?: RecommendedAmounts;
  advice: string[];
}

/** What a person could do about the scaling of a RestAPI. Pure. */
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
  if (!scalingOf(api, name)) return [`its number of pods is fixed: ${field}.enabled would let it follow the load`];
  if (!scaling) return [];
  const advice: string[] = [];
  const above = scaling.metrics.some(
    ({ current, target }) => current !== undefined && numberOf(current) > numberOf(target),
  );
  if (replicas >= scaling.maxReplicas && above) {
    advice.push(`it needs more pods than it may have: raise ${field}.maxReplicas (${scaling.maxReplicas})`);
  }
  for (const metric of scaling.metrics.filter(({ current }) => current === undefined)) {
    advice.push(`nobody knows its ${metric.name}: see the condition ScalingActive`);
  }
  const { forecast } = scaling;
  if (forecast?.reliable && forecast.minReplicas > scaling.maxReplicas) {
    advice.push(`the load to come needs ${forecast.minReplicas} pods: raise ${field}.maxReplicas`);
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
  if (!vertical) return [`spec.autoScaling.${name}.vertical: {} would tell what its pods should request`];
  if (!recommended) return ['nobody knows yet what its pods use'];
  const changes = VERTICAL_RESOURCES.flatMap((resource) => {
    const [has, wanted] = [requests[resource], recommended[resource]];
    if (wanted === undefined) return [];
    const share = has === undefined ? Number.POSITIVE_INFINITY : numberOf(wanted) / numberOf(has) - 1;
    if (Math.abs(share) <= FINE) return [];
    return [`${resource} ${has === undefined ? '' : `from ${has} `}to ${wanted}`];
  });
  if (changes.length === 0) return [];
  if (vertical.mode !== 'Recommend') return [`the operator changes requests by itself: ${changes.join(', ')}`];
  return [`change spec.${name}.resources.requests: ${changes.join(', ')}; or set vertical.mode to InPlace or Rolling`];
}

/** The lines of a table, and of what could be done. */
export function adviceLines(all: readonly ComponentAdvice[], look: Pick<Look, 'width' | 'colour'>): string[] {
  const rows = all.map(({ name, replicas, minReplicas, maxReplicas, follows, requests, recommended }) => [
    name,
    minReplicas === undefined ? String(replicas) : `${replicas} of ${minReplicas}-${maxReplicas}`,
    follows.map(oneLine).join(', ') || '-',
    words(requests),
    recommended ? words(recommended) : '-',
  ]);
  const [head = [], ...body] = columns([['COMPONENT', 'PODS', 'FOLLOWS', 'REQUESTS', 'RECOMMENDED'], ...rows]);
  return [
    styledLine([[head.join(''), GREY]], look),
    ...body.map((cells) => styledLine([cells.join('')], look)),
    ...all.flatMap(({ name, advice }) =>
      advice.map((text) => styledLine([[`${name}: ${oneLine(text)}`, YELLOW]], look)),
    ),
  ];
}

function words({ cpu, memory }: RecommendedAmounts): string {
  const parts = [cpu && `cpu ${cpu}`, memory && `memory ${memory}`].filter(Boolean);
  return parts.join(', ') || '-';
}
