interface FlagDescription {
  type: 'string' | 'boolean';
  short?: string;
  /** What stands for its value in the usage. */
  value?: string;
  help: string;
  /** What a value may be, for the completion. */
  values?: readonly string[];
}

/** Every flag of every verb. */
export const FLAGS = {
  'all-namespaces': { type: 'boolean', short: 'A', help: 'all namespaces' },
  'dry-run': { type: 'boolean', help: 'tell what would be done and have the API server check it; nothing is written' },
  filename: {
    type: 'string',
    short: 'f',
    value: 'FILE',
    help: 'file with RestAPIs in YAML or JSON; - is the standard input',
  },
  for: { type: 'string', value: 'WHAT', help: 'ready or deleted', values: ['ready', 'deleted'] },
  output: { type: 'string', short: 'o', value: 'FORMAT', help: 'json or yaml, for programs', values: ['json', 'yaml'] },
  'skip-checks': { type: 'boolean', help: 'without the checks before promotion' },
  timeout: {
    type: 'string',
    value: 'TIME',
    help: 'how long to wait, such as 90s or 5m; default: 60s of wait, 5m of --wait',
  },
  wait: { type: 'boolean', help: 'wait until it has come true' },
  watch: { type: 'boolean', short: 'w', help: 'go on showing it until Ctrl-C' },
  namespace: { type: 'string', short: 'n', value: 'NAME', help: "namespace; default: the context's" },
  context: { type: 'string', value: 'NAME', help: 'context of the kubeconfig; default: its current one' },
  kubeconfig: { type: 'string', value: 'FILE', help: 'kubeconfig; default: as kubectl finds it' },
  help: { type: 'boolean', short: 'h', help: 'this text' },
} as const satisfies Record<string, FlagDescription>;

export type Flag = keyof typeof FLAGS;

/** The flags a person gave. */
export type FlagValues = {
  [F in Flag]?: (typeof FLAGS)[F]['type'] extends 'string' ? string : boolean;
};

/** Flags that every verb takes. */
export const COMMON_FLAGS: readonly Flag[] = ['namespace', 'context', 'kubeconfig', 'help'];

/** A flag's description, whichever flag it is. */
export function describeFlag(flag: Flag): FlagDescription {
  return FLAGS[flag];
}
