import type { ComponentName, EnvironmentName, Front, Revision } from '../../resources/index.ts';

/** One component in one environment, as its Deployment says. */
export interface ObservedComponent {
  revision?: string;
  /** Number of pods there should be. */
  replicas: number;
  /** What the spec asked for when that number was last left to the load; undefined: it never was. */
  asked?: number;
  available: number;
  ready: number;
  /** The last change has been taken up, and no pod of an older version is left. */
  settled: boolean;
  /** What is wrong with its pods, in words; only where some are not available. */
  trouble?: string;
}

export type ObservedEnvironment = Partial<Record<ComponentName, ObservedComponent>>;

/** Pods that are ready to serve behind the address of each component, by environment. */
export type Endpoints = Partial<Record<EnvironmentName, Partial<Record<ComponentName, number>>>>;

/** How an attempt of a check ended. */
export interface Answer {
  ok: boolean;
  message: string;
  /** No other attempt would end otherwise. */
  final?: boolean;
}

/** Attempts of checks that ended, by their names. */
export type Answers = Readonly<Record<string, Answer>>;

/** What a release is decided from. */
export interface Observed {
  /** What the front Service says; undefined: nothing was ever made for this RestAPI. */
  front: Front | undefined;
  environments: Partial<Record<EnvironmentName, ObservedEnvironment>>;
  revisions: (Revision & { number: number })[];
  /** `active`: behind the Services that follow the switch: the front, and the stable one of each component. */
  endpoints: { active: Endpoints; preview: Endpoints };
  /** Attempts of checks that ended and may not have been counted yet. */
  answers: Answers;
}
