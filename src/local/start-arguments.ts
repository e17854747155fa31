import { ArgumentError } from '../terminal/argument-error.ts';
import { errorText } from '../terminal/error-text.ts';
import { type FlagTable, flagLines, readFlags } from '../terminal/flag-table.ts';
import { readPort } from '../terminal/read-port.ts';

/** Every flag of `npm start`. */
export const START_FLAGS = {
  context: {
    type: 'string',
    value: 'NAME',
    help: 'Use this context of your kubeconfig; start no local cluster and apply no sample',
  },
  kubeconfig: {
    type: 'string',
    value: 'FILE',
    help: 'With --context: read this kubeconfig',
    whenMissing: 'the same as kubectl',
  },
  namespace: {
    type: 'string',
    value: 'NAME',
    help: 'With --context: watch this namespace only',
    whenMissing: 'all namespaces',
  },
  'install-crd': { type: 'boolean', help: 'With --context: install or update the RestAPI CRD first' },
  'dashboard-port': {
    type: 'string',
    value: 'PORT',
    help: 'Serve the dashboard on this port of localhost, such as 8090',
    whenMissing: 'no dashboard',
  },
  real: {
    type: 'boolean',
    help: 'Run real containers on a real node instead of simulated pods; needs Linux and root',
  },
  nodes: { type: 'string', value: 'NUMBER', help: 'With --real: number of real nodes', whenMissing: '1' },
  once: { type: 'boolean', help: 'Without --context: exit with code 0 as soon as the sample is ready' },
  load: { type: 'boolean', help: 'Without --context: play a load on the sample, and scale it by that' },
  'day-seconds': {
    type: 'string',
    value: 'N',
    help: 'With --load: seconds in which a day of the load passes',
    whenMissing: '300',
  },
  help: { type: 'boolean', help: 'Print this text' },
} as const satisfies FlagTable;

/** Environment variables that `npm start` reads. */
export const START_VARIABLES: Readonly<Record<string, string>> = {
  KUBECONFIG: 'With --context: kubeconfig files, separated as in PATH, if --kubeconfig is missing',
  'CONTROL_PLANE_ASSETS, KUBEBUILDER_ASSETS': 'Folders that contain Kubernetes binaries',
  CONTROL_PLANE_CACHE:
    'Folder for Kubernetes binaries that were downloaded or built; default: in the cache folder of the user',
  CONTROL_PLANE_DOWNLOAD: 'Set to off to download no binaries, and build them instead',
  'XDG_CACHE_HOME, XDG_STATE_HOME': 'Base folders of the cache and, with --context, of the operator log',
  NO_COLOR: 'Set to any value to print without colours',
  TERM: 'Set to dumb to print plain lines instead of redrawing the table',
};

export const START_USAGE = `npm start: runs the RestAPI operator on a local Kubernetes, or on your own cluster.

Usage
  npm start                      start a local Kubernetes, the operator and a sample RestAPI
  npm start -- --once            the same, but exit as soon as the sample is ready
  npm start -- --load            the same with metrics-server and a played load, to see autoscaling
  npm start -- --real            the same with real containers: the operator and the shop, which a browser can open
  npm start -- --context NAME    run the operator on your cluster NAME; change nothing else

Flags
${flagLines(START_FLAGS).join('\n')}
`;

/** What the command line requests. */
export type StartArguments =
  | { mode: 'help' }
  | { mode: 'local'; once: boolean; dashboardPort?: number; daySeconds?: number }
  | { mode: 'real'; once: boolean; nodes: number }
  | {
      mode: 'context';
      context: string;
      kubeconfig?: string;
      namespace?: string;
      installCrd: boolean;
      dashboardPort?: number;
    };

/** The default of --day-seconds. */
const DAY_SECONDS = 300;
/** metrics-server and autoscalers are not faster. */
const LEAST_DAY_SECONDS = 60;
const NO_DASHBOARD =
  '--dashboard-port does not work with --real, where the operator is a pod: add kustomize/components/dashboard to its overlay';

/** Flags that require --context. */
const FOR_CONTEXT = ['kubeconfig', 'namespace', 'install-crd'] as const;

/** Reads the command line of `npm start`. @throws ArgumentError */
export function readStartArguments(args: string[], env: NodeJS.ProcessEnv = process.env): StartArguments {
  refuseConsumedByNpm(args, env);
  const values = readFlags(START_FLAGS, args, env);
  if (values.help) return { mode: 'help' };
  const dashboardPort = portOf(values['dashboard-port']);
  if (values.context === undefined) {
    const needs = FOR_CONTEXT.find((name) => values[name] !== undefined && values[name] !== false);
    if (needs) throw new ArgumentError(`--${needs} requires --context NAME`);
    const daySeconds = daySecondsOf(values);
    if (values.real) {
      if (dashboardPort !== undefined) throw new ArgumentError(NO_DASHBOARD);
      if (values.load) throw new ArgumentError('--load plays the load of simulated pods: remove --real');
      return { mode: 'real', once: values.once, nodes: numberOfNodes(values.nodes) };
    }
    if (values.nodes !== undefined) throw new ArgumentError('--nodes requires --real');
    return { mode: 'local', once: values.once, dashboardPort, daySeconds };
  }
  if (values.context === '') throw new ArgumentError('--context requires the name of a context');
  if (values.real || values.nodes !== undefined) {
    throw new ArgumentError(`--${values.real ? 'real' : 'nodes'} is for the local cluster: remove --context`);
  }
  if (values.once) throw new ArgumentError('--once is for the local cluster and its sample: remove --context');
  if (values.load || values['day-seconds'] !== undefined) {
    throw new ArgumentError('--load is for the local cluster and its sample: remove --context');
  }
  const { context, kubeconfig, namespace } = values;
  return { mode: 'context', context, kubeconfig, namespace, installCrd: values['install-crd'], dashboardPort };
}

/** Without the `--`, npm consumes flags itself: `npm start --context mine` would start a local cluster. */
function refuseConsumedByNpm(args: string[], env: NodeJS.ProcessEnv): void {
  if (args.length > 0 && args[0]?.startsWith('-')) return;
  const consumed = (
    ['context', 'once', 'real', 'nodes', 'dashboard-port', 'load', 'day-seconds', ...FOR_CONTEXT] as const
  ).find((name) => env[`npm_config_${name.replaceAll('-', '_')}`]);
  if (consumed) throw new ArgumentError(`npm consumed --${consumed}. Write: npm start -- --${consumed} …`);
}

/** With --load, how long a day of it takes. */
function daySecondsOf(values: { load: boolean; 'day-seconds'?: string | undefined }): number | undefined {
  const text = values['day-seconds'];
  if (!values.load) {
    if (text !== undefined) throw new ArgumentError('--day-seconds requires --load');
    return undefined;
  }
  const seconds = Number(text ?? DAY_SECONDS);
  if (!(seconds >= LEAST_DAY_SECONDS && seconds <= 86_400)) {
    throw new ArgumentError(`--day-seconds: "${text}" is not a number from ${LEAST_DAY_SECONDS} to 86400`);
  }
  return seconds;
}

function numberOfNodes(text = '1'): number {
  if (!/^[1-9]$/.test(text)) throw new ArgumentError(`--nodes ${text} is not a number of nodes: use 1 to 9`);
  return Number(text);
}

function portOf(text: string | undefined): number | undefined {
  try {
    return readPort(text);
  } catch (error) {
    throw new ArgumentError(errorText(error));
  }
}
