import { parseArgs } from 'node:util';
import { describeError } from './describe-error.ts';
import { readPort } from './read-port.ts';

export const USAGE = `npm start: the RestAPI operator on a local Kubernetes, or on a cluster of yours.

  npm start                        starts a local Kubernetes with the operator and a sample RestAPI
  npm start -- --once              the same, and ends as soon as the sample is ready
  npm start -- --context NAME      runs the operator on your cluster NAME instead; touches nothing but that

Options
  --context NAME      context of your kubeconfig; starts no local cluster and applies no sample
  --kubeconfig FILE   another kubeconfig than kubectl's (with --context)
  --namespace NAME    look at this namespace only (with --context)
  --install-crd       install or update the RestAPI CRD first (with --context)
  --dashboard-port PORT   a page of all RestAPIs for your browser, such as 8090
  --once              end with exit code 0 when the sample is ready (without --context)
  --help              this text
`;

/** What the person asked for. */
export type Arguments =
  | { mode: 'help' }
  | { mode: 'local'; once: boolean; dashboardPort?: number }
  | {
      mode: 'context';
      context: string;
      kubeconfig?: string;
      namespace?: string;
      installCrd: boolean;
      dashboardPort?: number;
    };

/** An argument that makes no sense, in words for a person. */
export class ArgumentError extends Error {}

/** Options that make no sense without --context. */
const FOR_CONTEXT = ['kubeconfig', 'namespace', 'install-crd'] as const;

/** Reads the command line. @throws ArgumentError */
export function readArguments(args: string[], env: NodeJS.ProcessEnv = process.env): Arguments {
  refuseTakenByNpm(args, env);
  const values = parse(args);
  if (values.help) return { mode: 'help' };
  const dashboardPort = portOf(values['dashboard-port']);
  if (values.context === undefined) {
    const needs = FOR_CONTEXT.find((name) => values[name] !== undefined);
    if (needs) throw new ArgumentError(`--${needs} is for a cluster of yours: say which by --context NAME`);
    return { mode: 'local', once: values.once ?? false, dashboardPort };
  }
  if (values.context === '') throw new ArgumentError('--context needs the name of a context');
  if (values.once) throw new ArgumentError('--once is for the local cluster and its sample: leave out --context');
  const { context, kubeconfig, namespace } = values;
  return { mode: 'context', context, kubeconfig, namespace, installCrd: values['install-crd'] ?? false, dashboardPort };
}

/** Without the `--`, npm keeps options to itself: a person who meant his own cluster would get a local one. */
function refuseTakenByNpm(args: string[], env: NodeJS.ProcessEnv): void {
  if (args.length > 0 && args[0]?.startsWith('-')) return;
  const taken = (['context', 'once', 'dashboard-port', ...FOR_CONTEXT] as const).find(
    (name) => env[`npm_config_${name.replaceAll('-', '_')}`],
  );
  if (taken) throw new ArgumentError(`npm has kept --${taken} to itself: write npm start -- --${taken} …`);
}

function portOf(text: string | undefined): number | undefined {
  try {
    return readPort(text);
  } catch (error) {
    throw new ArgumentError(describeError(error));
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        context: { type: 'string' },
        kubeconfig: { type: 'string' },
        namespace: { type: 'string' },
        'install-crd': { type: 'boolean' },
        'dashboard-port': { type: 'string' },
        once: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new ArgumentError(error instanceof Error ? error.message : String(error));
  }
}
