import type { KubernetesObject, StoredObject } from '../../operator/index.ts';
import { enabledComponents, replicasOf } from '../../resources/enabled-components.ts';
import type { Deployment, RestAPI } from '../../resources/index.ts';
import { componentObjectName } from '../../resources/labels.ts';

/** What of a pod is shown. */
export interface Pod extends KubernetesObject {
  status?: {
    phase?: string;
    containerStatuses?: { state?: { waiting?: { reason?: string }; terminated?: { reason?: string } } }[];
  };
}

/** What the view shows. */
export interface Observed {
  restapis: readonly StoredObject<RestAPI>[];
  deployments: readonly StoredObject<Deployment>[];
  pods: readonly StoredObject<Pod>[];
}

/** How the view is drawn. */
export interface Look {
  /** Columns of the terminal; longer lines are cut. */
  width: number;
  colour: boolean;
}

const COLOURS: Record<string, number> = {
  Ready: 32,
  Stopped: 32,
  Progressing: 33,
  Degraded: 31,
  Failed: 31,
  Deleting: 90,
};

/** The lines that show all RestAPIs and their components. Pure: the same observations give the same lines. */
export function viewOf(observed: Observed, look: Look): string[] {
  const { restapis } = observed;
  if (restapis.length === 0) return ['No RestAPI yet: apply one, and it appears here.'];
  return [...restapis]
    .sort((a, b) => idOf(a).localeCompare(idOf(b)))
    .flatMap((api, index) => [...(index > 0 ? [''] : []), ...viewOfOne(api, observed, look)]);
}

function viewOfOne(api: StoredObject<RestAPI>, observed: Observed, { width, colour }: Look): string[] {
  const { phase = 'Pending', replicas = 0, readyReplicas = 0, conditions = [] } = api.status ?? {};
  const message = conditions.find(({ type }) => type === 'Ready')?.message ?? 'Not looked at yet';
  const start = `RestAPI ${idOf(api)}  `;
  const rest = cut(`  ${readyReplicas}/${replicas} pods ready  ${message}`, width - start.length - phase.length);
  const header = `${start}${paint(phase, COLOURS[phase], colour)}${rest}`;
  const rows = enabledComponents(api).map((component) => {
    const name = componentObjectName(api, component);
    const { namespace } = api.metadata;
    const deployment = observed.deployments.find(
      ({ metadata }) => metadata.name === name && metadata.namespace === namespace,
    );
    const pods = observed.pods.filter(
      ({ metadata: { labels, namespace: its } }) =>
        its === namespace &&
        labels?.['restapi.dev/name'] === api.metadata.name &&
        labels?.['restapi.dev/component'] === component,
    );
    const ready = deployment ? `${deployment.status?.readyReplicas ?? 0}/${replicasOf(api, component)}` : 'missing';
    return [component, ready, `${name}:${api.spec[component].port}`, podsInWords(pods), imageOf(deployment)];
  });
  const table = align([['COMPONENT', 'READY', 'SERVICE', 'PODS', 'IMAGE'], ...rows]);
  return [header, ...table.map((line) => cut(`  ${line}`, width))];
}

/** Such as `2 Running, 1 ImagePullBackOff`. */
function podsInWords(pods: readonly StoredObject<Pod>[]): string {
  const counts = new Map<string, number>();
  for (const pod of pods) {
    const state = stateOf(pod);
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return [...counts].map(([state, count]) => `${count} ${state}`).join(', ') || 'none';
}

/** As kubectl's STATUS column: what a container waits for says more than the phase. */
function stateOf({ metadata, status }: StoredObject<Pod>): string {
  if (metadata.deletionTimestamp) return 'Terminating';
  for (const { state } of status?.containerStatuses ?? []) {
    const reason = state?.waiting?.reason ?? state?.terminated?.reason;
    if (reason) return reason;
  }
  return status?.phase ?? 'Pending';
}

function imageOf(deployment: StoredObject<Deployment> | undefined): string {
  const template = deployment?.spec.template as { spec?: { containers?: { image?: string }[] } } | undefined;
  return template?.spec?.containers?.[0]?.image ?? '';
}

function idOf({ metadata }: StoredObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function align(rows: string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  return width < 1 ? '' : `${text.slice(0, width - 1)}…`;
}

function paint(text: string, code: number | undefined, colour: boolean): string {
  return colour && code !== undefined ? `\u001b[${code}m${text}\u001b[0m` : text;
}
