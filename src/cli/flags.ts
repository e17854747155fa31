import type { FlagDescription, FlagTable } from '../terminal/flag-table.ts';

/** Every flag of every verb. */
export const FLAGS = {
  'all-namespaces': { type: 'boolean', short: 'A', help: 'List all namespaces' },
  'dry-run': { type: 'boolean', help: 'Print what would be done and let the API server check it; write nothing' },
  filename: {
    type: 'string',
    short: 'f',
    value: 'FILE',
    help: 'Read RestAPIs in YAML or JSON from this file; - is standard input',
  },
  for: { type: 'string', value: 'WHAT', help: 'Wait for ready or deleted', values: ['ready', 'deleted'] },
  output: {
    type: 'string',
    short: 'o',
    value: 'FORMAT',
    help: 'Output format: json or yaml',
    values: ['json', 'yaml'],
  },
  'skip-checks': { type: 'boolean', help: 'Promote without running the checks before promotion' },
  timeout: {
    type: 'string',
    value: 'TIME',
    help: 'Wait no longer than this, such as 90s or 5m',
  },
  wait: { type: 'boolean', help: 'Wait until it is done' },
  watch: { type: 'boolean', short: 'w', help: 'Refresh the output until Ctrl-C' },
  namespace: {
    type: 'string',
    short: 'n',
    value: 'NAME',
    help: 'Use this namespace',
    whenMissing: 'the namespace of the context',
  },
  context: {
    type: 'string',
    value: 'NAME',
    help: 'Use this context of the kubeconfig',
    whenMissing: 'the current context',
  },
  kubeconfig: {
    type: 'string',
    value: 'FILE',
    help: 'Read cluster and credentials from this kubeconfig',
    whenMissing: 'the same as kubectl',
  },
  help: { type: 'boolean', short: 'h', help: 'Print this text' },
} as const satisfies FlagTable;

export type Flag = keyof typeof FLAGS;

/** The flags of a command line. */
export type FlagValues = {
  [F in Flag]?: (typeof FLAGS)[F]['type'] extends 'string' ? string : boolean;
};

/** Flags that every verb takes. */
export const COMMON_FLAGS: readonly Flag[] = ['namespace', 'context', 'kubeconfig', 'help'];

/** The description of a flag. */
export function describeFlag(flag: Flag): FlagDescription {
  return FLAGS[flag];
}

/** The table of some flags, in this order. */
export function tableOf(flags: readonly Flag[]): FlagTable {
  return Object.fromEntries(flags.map((flag) => [flag, describeFlag(flag)]));
}
