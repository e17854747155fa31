import type { Faults } from './faults.ts';

/** The components, in the order of calls. */
export const COMPONENTS = ['view', 'controller', 'model', 'repository'] as const;
export type ComponentName = (typeof COMPONENTS)[number];

/** Settings of one component. */
export interface Settings {
  component: ComponentName;
  port: number;
  version: string;
  /** Name of the pod. */
  pod: string;
  /** The component that this one calls; undefined for the repository, and where there is none behind this one. */
  next?: { name: ComponentName; url: string };
  /** Where the repository's volume is mounted. */
  dataFolder: string;
  /** `wal`, or `delete` for a volume that nodes share by network. */
  journalMode: 'wal' | 'delete';
  currency: string;
  theme: 'light' | 'dark';
  debug: boolean;
  drain: { graceMs: number; idleMs: number };
  faults: Faults;
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings of a component from its environment variables.
 * @throws Error that names the variable, its value and what it must be
 */
export function readSettings(env: Env): Settings {
  const component = oneOf(env, 'COMPONENT', COMPONENTS);
  const faulty = env.FAULTY_COMPONENT ? oneOf(env, 'FAULTY_COMPONENT', COMPONENTS) : component;
  return {
    component,
    port: numberIn(env, 'PORT', 0, 65_535) ?? 3000,
    version: matching(env, 'SHOP_VERSION', /^[-\w.+]{1,64}$/, 'letters, digits, ".", "_", "+" and "-"') ?? '0.0.0-dev',
    pod: matching(env, 'HOSTNAME', /^[-\w.]{1,253}$/, 'a host name') ?? 'local',
    next: nextOf(env, component),
    dataFolder: env.DATA_FOLDER || '/data',
    journalMode: oneOf(env, 'SQLITE_JOURNAL_MODE', ['wal', 'delete'], 'wal'),
    currency: matching(env, 'CURRENCY', /^[A-Z]{3}$/, 'a currency code such as EUR') ?? 'EUR',
    theme: oneOf(env, 'THEME', ['light', 'dark'], 'light'),
    debug: env.LOG_LEVEL === 'debug',
    drain: {
      graceMs: (numberIn(env, 'DRAIN_GRACE_SECONDS', 0, 3_600) ?? 20) * 1000,
      idleMs: (numberIn(env, 'DRAIN_IDLE_SECONDS', 0, 3_600) ?? 5) * 1000,
    },
    faults: faulty === component ? readFaults(env) : {},
  };
}

function readFaults(env: Env): Faults {
  return {
    crashAfterSeconds: numberIn(env, 'CRASH_AFTER_SECONDS', 0, 86_400),
    leakMibPerSecond: numberIn(env, 'LEAK_MIB_PER_SECOND', 0, 1_024),
    hangAfterSeconds: numberIn(env, 'HANG_AFTER_SECONDS', 0, 86_400),
    failPercent: numberIn(env, 'FAIL_PERCENT', 0, 100),
    latencyMs: numberIn(env, 'LATENCY_MS', 0, 60_000),
    readyAfterSeconds: numberIn(env, 'READY_AFTER_SECONDS', 0, 86_400),
    burnCpuMs: numberIn(env, 'BURN_CPU_MS', 0, 10_000),
  };
}

/** A RestAPI may lack components, so a component calls the first one behind it that exists. */
function nextOf(env: Env, component: ComponentName): Settings['next'] {
  for (const name of COMPONENTS.slice(COMPONENTS.indexOf(component) + 1)) {
    const variable = `${name.toUpperCase()}_URL`;
    const url = env[variable];
    if (!url) continue;
    if (!URL.canParse(url) || new URL(url).protocol !== 'http:') throw invalid(env, variable, 'an http:// URL');
    return { name, url };
  }
  return undefined;
}

function oneOf<T extends string>(env: Env, name: string, allowed: readonly T[], otherwise?: T): T {
  const value = env[name] || otherwise;
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw invalid(env, name, `one of ${allowed.join(', ')}`);
  return found;
}

function matching(env: Env, name: string, pattern: RegExp, what: string): string | undefined {
  const value = env[name];
  if (value && !pattern.test(value)) throw invalid(env, name, what);
  return value || undefined;
}

function numberIn(env: Env, name: string, least: number, most: number): number | undefined {
  const text = env[name];
  if (!text) return undefined;
  const number = Number(text);
  if (!(number >= least && number <= most)) throw invalid(env, name, `a number from ${least} to ${most}`);
  return number;
}

function invalid(env: Env, name: string, what: string): Error {
  const value = env[name];
  return new Error(`${name} is ${value ? JSON.stringify(value) : 'not set'}: it must be ${what}`);
}
