import type { ComponentName, ConfigMapContent, EnvironmentName, Front, StoredRevision } from '../../resources/index.ts';
import type { Contents } from '../../resources/model/references.ts';

/** One component in one environment, from its Deployment. */
export interface ObservedComponent {
  revision?: string;
  /** Hash of the referenced objects in its pod template. */
  referencesHash?: string;
  /** What that hash stands for, if it comes from a lost key. */
  adoptedHash?: string;
  /** Desired replicas. */
  replicas: number;
  /** Replicas of the spec when an autoscaler last took over; undefined: none ever did. */
  asked?: number;
  /** Available pods, also those of an earlier revision. */
  available: number;
  /** Available pods of the current pod template, at least. */
  updated: number;
  ready: number;
  /** Pods that exist, including terminating ones, whose containers may still serve kept connections. */
  pods: number;
  /** Pods whose containers crashed or lost readiness. */
  failing: number;
  /** Whether the last change is rolled out and no pod of an older revision is left. */
  settled: boolean;
  /** Why some of its pods are not available. */
  trouble?: string;
}

export type ObservedEnvironment = Partial<Record<ComponentName, ObservedComponent>>;

/** Ready pods behind the address of each component, by environment. */
export type Endpoints = Partial<Record<EnvironmentName, Partial<Record<ComponentName, number>>>>;

/** The result of one attempt of a check. */
export interface AttemptResult {
  ok: boolean;
  message: string;
  /** Whether to ask again cannot change it. */
  final?: boolean;
  /** Whether there was no answer, which says nothing about the revision: the attempt goes on and does not count. */
  unknown?: boolean;
}

/** Results of attempts by name, of those that finished. */
export type AttemptResults = Readonly<Record<string, AttemptResult>>;

/** The Jobs of hooks, by name: their specs as stored, and the results of those that finished. */
export type HookJobs = Readonly<Record<string, { spec: object; result?: AttemptResult }>>;

/** What a release is planned from. */
export interface Observed {
  /** State kept on the front Service; undefined: nothing was ever created for this RestAPI. */
  front: Front | undefined;
  environments: Partial<Record<EnvironmentName, ObservedEnvironment>>;
  revisions: StoredRevision[];
  /** Copies of the active revision and the one before, on the front Service. */
  backup?: StoredRevision[];
  /** `active`: behind the front Service and the stable Service of each component, which follow a switch. */
  endpoints: { active: Endpoints; preview: Endpoints };
  /** Of attempts that finished; the status may not count them yet. */
  attemptResults: AttemptResults;
  hookJobs?: HookJobs;
  /** Of the ConfigMaps and Secrets that the current spec references. */
  contents: Contents;
  /** Contents of the copies of ConfigMaps that exist or can be made now, by name of the copy. */
  configMaps: Readonly<Record<string, ConfigMapContent>>;
}
