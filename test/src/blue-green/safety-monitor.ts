import { type Change, ClusterState } from './cluster-state.ts';
import {
  type Application,
  activeEnvironment,
  checkBothAtZero,
  checkEndpoints,
  checkEndpointsInSwitch,
  checkFront,
  checkPods,
  checkScale,
  checkStableEndpoints,
  checkStopOrder,
  type Finding,
} from './safety-rules.ts';

/** What was wrong, and from when on. */
export interface Violation extends Finding {
  resourceVersion: number;
  /** The change after which it was so: type, kind and name. */
  after: string;
}

/**
 * Follows one history and says what was wrong at any point of it, from the first moment on at which the application
 * was served: the front Service selects an environment that has all its pods. What stays wrong is said once.
 */
export class SafetyMonitor {
  readonly violations: Violation[] = [];
  readonly #state = new ClusterState();
  readonly #app: Application;
  #guardedSince: number | undefined;
  /** The environment the EndpointSlices have completely come to; undefined before there was one. */
  #settledOn: string | undefined;
  #stableSettled = false;
  /** Whether something has changed since the last judgement. */
  #changed = false;
  #standing = new Set<string>();

  constructor(app: Application) {
    this.#app = app;
  }

  /** The resource version from which on it was judged; undefined: nothing was, as the application was never served. */
  get guardedSince(): number | undefined {
    return this.#guardedSince;
  }

  /** Takes in a change without a judgement, as long as not every kind has been listed. */
  begin(change: Change): void {
    if (change.object.metadata.namespace !== this.#app.namespace) return;
    this.#state.take(change);
    this.#changed = true;
  }

  /** Takes in the next change of the history, of whatever namespace, and judges the state after it. */
  next(change: Change, resourceVersion: number): void {
    const { namespace } = change.object.metadata;
    const stops = namespace === this.#app.namespace ? checkStopOrder(this.#state, change, this.#app) : [];
    this.begin(change);
    // What is elsewhere changes no judgement.
    if (!this.#changed) return;
    this.#changed = false;
    const served = [...checkFront(this.#state, this.#app), ...checkPods(this.#state, this.#app)];
    if (served.length === 0) this.#guardedSince ??= resourceVersion;
    if (this.#guardedSince === undefined) return;
    const findings = [
      ...served,
      ...checkScale(this.#state, this.#app),
      ...checkBothAtZero(this.#state, this.#app),
      ...this.#checkEndpoints(),
      ...stops,
    ];
    const { kind, metadata } = change.object;
    const after = `${change.type} ${kind} ${metadata.name}`;
    const standing = new Set<string>();
    for (const finding of findings) {
      const key = JSON.stringify(finding);
      standing.add(key);
      if (!this.#standing.has(key)) this.violations.push({ ...finding, resourceVersion, after });
    }
    this.#standing = standing;
  }

  /** Strict while nothing changes hands; while the EndpointSlices follow a switch only what must hold then. */
  #checkEndpoints(): Finding[] {
    const active = activeEnvironment(this.#state, this.#app);
    const findings = checkEndpoints(this.#state, this.#app);
    if (active !== undefined && findings.length === 0) this.#settledOn = active;
    if (this.#settledOn === undefined) return [];
    return [
      ...(this.#settledOn === active ? findings : checkEndpointsInSwitch(this.#state, this.#app)),
      ...this.#checkStable(),
    ];
  }

  /** From the first moment on at which they all lead somewhere. */
  #checkStable(): Finding[] {
    const findings = checkStableEndpoints(this.#state, this.#app);
    this.#stableSettled ||= findings.length === 0;
    return this.#stableSettled ? findings : [];
  }
}
