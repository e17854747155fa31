import type { StoredObject } from '../../../operator/index.ts';
import {
  attemptName,
  type CheckAttempt,
  COMPONENTS,
  type ComponentName,
  type ConfigMapContent,
  type Decision,
  ENVIRONMENTS,
  type EnvironmentName,
  type Front,
  type HookName,
  type HookRun,
  hookJobName,
  type RestAPI,
  type Revision,
  revisionOf,
  type StoredRevision,
  scalingOf,
} from '../../../resources/index.ts';
import type { Contents } from '../../../resources/model/references.ts';
import { knownRevisions } from '../../../src/blue-green/lost-revision.ts';
import type { AttemptResult, Endpoints, Observed } from '../../../src/blue-green/observed.ts';
import { planRelease } from '../../../src/blue-green/plan-release.ts';
import type { ReleasePlan } from '../../../src/blue-green/release-plan.ts';
import type { TurnWait } from '../../../src/blue-green/turn-wait.ts';
import { configMapsOf, copiesNow } from './model-config-maps.ts';
import { type ModelDeployment, observedComponent, sum } from './model-deployment.ts';

type Placed = Partial<Record<ComponentName, ModelDeployment>>;

/** Pods of such an image never become available. */
export const isBad = (image: string): boolean => image.startsWith('bad');

/** A miniature cluster: the operator's decisions are written to it, and its controllers act on demand. */
export class ModelCluster {
  api: StoredObject<RestAPI>;
  now = Date.parse('2026-01-01T00:00:00Z');
  front: Front | undefined;
  preview: EnvironmentName | undefined;
  environments: Partial<Record<EnvironmentName, Placed>> = {};
  revisions: StoredRevision[] = [];
  /** The copy on the front Service. */
  backup: StoredRevision[] = [];
  endpoints: Observed['endpoints'] = { active: {}, preview: {} };
  answers: Record<string, AttemptResult> = {};
  /** Jobs of hooks. */
  hookJobs: Record<string, { hook: HookName; revision?: string; spec: object; result?: AttemptResult }> = {};
  /** The hooks of which Jobs were created, in this order. */
  readonly hooksRun: string[] = [];
  /** Of the referenced ConfigMaps and Secrets. */
  contents: Contents = {};
  /** The copies of ConfigMaps that exist. */
  configMaps: Record<string, ConfigMapContent> = {};
  /** Those that others than the operator have deleted. */
  readonly lostConfigMaps = new Set<string>();
  /** Of the operator: an upgrade renders other pod templates. */
  version = 1;
  /** How long checks wait for the nodes. */
  checkDelayMs = 0;
  /** Set while a release that would begin has to wait for those of other RestAPIs. */
  wait: TurnWait | undefined;
  /** Set when pods that served are gone by other than the operator's doing. */
  disturbed = false;
  #begun: CheckAttempt[] = [];
  /** Called at every change of the front, just before the cluster applies it. */
  onSwitch: (from: Front, to: Front) => void = () => {};

  constructor(api: StoredObject<RestAPI>) {
    this.api = api;
  }

  wanted(): Revision {
    return revisionOf(this.api, this.contents, this.observed().revisions, this.front?.revision);
  }

  observed(): Observed {
    const environments: Observed['environments'] = {};
    for (const [name, placed] of Object.entries(this.environments)) {
      environments[name as EnvironmentName] = Object.fromEntries(
        Object.entries(placed).map(([component, deployment]) => [component, observedComponent(deployment)]),
      );
    }
    const observed: Observed = {
      front: this.front,
      environments,
      revisions: this.revisions,
      backup: this.backup,
      endpoints: this.endpoints,
      attemptResults: this.answers,
      hookJobs: this.hookJobs,
      contents: this.contents,
      configMaps: { ...this.configMaps, ...copiesNow(this.api, this.contents) },
    };
    return { ...observed, revisions: knownRevisions(observed) };
  }

  /**
   * One run of the operator.
   * @param until how many of its writes get through, the status and then the annotations being the last: it may die in the midst of them
   */
  run(until = Number.POSITIVE_INFINITY): ReleasePlan {
    const planned = this.#plan();
    const plan = this.wait && planned.needsTurn ? this.#plan(this.wait) : planned;
    this.#begun = [...plan.attempts, ...(plan.decision.jobs ?? [])];
    if (plan.frozen) return plan;
    for (const [index, write] of this.#writes(plan).entries()) if (index < until) write();
    return plan;
  }

  #plan(wait?: TurnWait): ReleasePlan {
    const options = { checkDelayMs: this.checkDelayMs, wait };
    return planRelease(this.api, this.wanted(), this.observed(), new Date(this.now), options);
  }

  /** The Deployment controller brings one component one step further. */
  roll(environment: EnvironmentName, component: ComponentName): void {
    const deployment = this.environments[environment]?.[component];
    if (!deployment) return;
    const { image, replicas, pods } = deployment;
    deployment.ending = 0;
    let newest = pods.at(-1);
    if (newest?.image !== image) {
      newest = { image, count: 0, available: false };
      pods.push(newest);
    }
    // A new pod serves before an old one goes.
    if (newest.count < replicas) newest.count = replicas;
    else if (!newest.available && !isBad(image) && this.#isConfigured(deployment))
      Object.assign(newest, { available: true, failing: false });
    else if (newest.available) deployment.pods = [newest];
    if (newest.count > replicas) newest.count = replicas;
    if (replicas === 0) deployment.pods = [newest];
  }

  /** Whether the ConfigMaps exist that pods cannot start without. */
  #isConfigured({ configMaps }: ModelDeployment): boolean {
    return configMaps.every(
      ({ name, optional }) =>
        optional || Object.hasOwn(this.configMaps, name) || Boolean(this.contents[`ConfigMap/${name}`]),
    );
  }

  /** The containers of all pods of a component crash. */
  fail(environment: EnvironmentName, component: ComponentName): void {
    for (const one of this.environments[environment]?.[component]?.pods ?? []) {
      Object.assign(one, { failing: one.failing || one.available, available: false });
    }
    this.disturbed = true;
  }

  /** One pod of a component is evicted from its node. */
  drain(environment: EnvironmentName, component: ComponentName): void {
    const deployment = this.environments[environment]?.[component];
    const pods = deployment?.pods.find(({ count }) => count > 0);
    if (!deployment || !pods) return;
    pods.count--;
    deployment.ending++;
    this.disturbed = true;
  }

  /** The autoscaler of a component, if there is one, finds that so many pods are needed. */
  autoscale(component: ComponentName, count: number): void {
    const deployment = this.front && this.environments[this.front.environment]?.[component];
    const scaling = scalingOf(this.api, component);
    // It leaves alone what is stopped.
    if (!deployment?.replicas || !scaling) return;
    deployment.replicas = Math.min(scaling.maxReplicas, Math.max(scaling.minReplicas, count));
  }

  /** The endpoint controller takes note of what is behind the Services. */
  connect(): void {
    const behind = (environment: EnvironmentName | undefined): Endpoints =>
      environment ? { [environment]: this.available(environment) } : {};
    this.endpoints = { active: behind(this.front?.environment), preview: behind(this.preview) };
  }

  /** Available pods by component. */
  available(environment: EnvironmentName): Partial<Record<ComponentName, number>> {
    const placed = this.environments[environment] ?? {};
    return Object.fromEntries(
      Object.entries(placed).map(([component, { pods }]) => [component, sum(pods.filter((one) => one.available))]),
    );
  }

  /** All attempts of checks that were last begun end so. */
  answer(ok: boolean): void {
    for (const attempt of this.#begun) this.answers[attemptName(attempt)] ??= { ok, message: ok ? 'well' : 'not well' };
  }

  /** All controllers act until nothing changes. */
  settle(): void {
    for (let round = 0; round < 4; round++) {
      for (const environment of ENVIRONMENTS) for (const component of COMPONENTS) this.roll(environment, component);
    }
    this.connect();
  }

  #writes({ decision, status, removeAnnotations }: ReleasePlan): (() => void)[] {
    const { environments, front, preview, revisions, backup = [], configMaps = [], hooks = [] } = decision;
    const copies = Object.fromEntries(configMaps.map(({ name, content }) => [name, content]));
    return [
      () => {
        this.configMaps = { ...this.configMaps, ...copies };
        for (const name of Object.keys(copies)) this.lostConfigMaps.delete(name);
      },
      () => {
        this.revisions = revisions;
      },
      () => {
        const before = this.front;
        if (before && before.environment !== front.environment) this.onSwitch(before, front);
        this.front = front;
        this.backup = backup;
      },
      () => {
        this.preview = preview;
      },
      ...environments.flatMap((environment) =>
        COMPONENTS.map((component) => () => this.#apply(environment, component)),
      ),
      () => this.#applyHooks(hooks),
      () => {
        const names = new Set(environments.map(({ name }) => name));
        for (const name of ENVIRONMENTS) if (!names.has(name)) delete this.environments[name];
        this.configMaps = copies;
      },
      () => {
        this.api = { ...this.api, status };
      },
      () => {
        const { metadata } = this.api;
        const stay = Object.entries(metadata.annotations ?? {}).filter(([name]) => !removeAnnotations.includes(name));
        if (removeAnnotations.length > 0) {
          this.api = { ...this.api, metadata: { ...metadata, annotations: Object.fromEntries(stay) } };
        }
      },
    ];
  }

  /** All Jobs of hooks that run end so. */
  endHooks(ok: boolean): void {
    for (const job of Object.values(this.hookJobs)) job.result ??= { ok, message: ok ? 'well' : 'not well' };
  }

  #applyHooks(runs: readonly HookRun[]): void {
    const names = runs.map(hookJobName);
    for (const name of Object.keys(this.hookJobs)) if (!names.includes(name)) delete this.hookJobs[name];
    for (const [index, { hook, environment }] of runs.entries()) {
      const name = names[index] ?? '';
      if (this.hookJobs[name]) continue;
      this.hookJobs[name] = { hook, revision: environment.revision, spec: {} };
      this.hooksRun.push(`${hook} ${environment.api.spec.image}`);
    }
  }

  #apply(environment: Decision['environments'][number], component: ComponentName): void {
    const { name, api, revision, replicas, asked, referenceHashes } = environment;
    const referencesHash = referenceHashes[component];
    const configMaps = configMapsOf(environment, component);
    const image = [
      api.spec.image,
      referencesHash,
      ...configMaps.map((one) => one.name),
      this.version > 1 ? this.version : undefined,
    ]
      .filter(Boolean)
      .join(' ');
    const count = replicas[component] ?? 0;
    const placed = this.environments[name] ?? {};
    const { pods = [], ending = 0 } = placed[component] ?? {};
    const before = sum(pods);
    // Fewer pods: the others begin to terminate at once, the ones that are not available first.
    if (before > count && pods.every((one) => one.image === image)) {
      for (const one of pods) one.count = Math.min(one.count, count);
    }
    this.environments[name] = {
      ...placed,
      [component]: {
        revision,
        image,
        referencesHash,
        configMaps,
        replicas: count,
        asked: asked?.[component],
        pods,
        ending: ending + before - sum(pods),
      },
    };
  }
}
