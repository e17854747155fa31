import { LiveTable, type Shown } from '../../live-table/live-table.ts';
import { ArgumentError } from '../../terminal/argument-error.ts';
import { fitHeight } from '../../terminal/fit-height.ts';
import { untilStopped } from '../../terminal/until-stopped.ts';
import type { Cluster } from '../cluster.ts';
import type { FlagValues } from '../flags.ts';
import { formatted } from '../formatted.ts';
import { listOf } from '../list.ts';
import { listRestApis, observe } from '../observe.ts';
import { reportsOf, summariesOf } from '../report.ts';
import { treeOf } from '../tree.ts';
import { type Call, type Verb, YES } from '../verb.ts';

/** `kubectl restapi status [NAME]` */
export const status: Verb = {
  name: 'status',
  summary: 'List RestAPIs; with a name, show its components, pods and conditions',
  details: [
    'It requires the right to list restapis. With NAME, also get restapis and list deployments, services and pods (shown as ? otherwise). With --watch, watch them too.',
  ],
  args: [{ label: 'NAME', names: 'restapi', optional: true }],
  flags: ['all-namespaces', 'output', 'watch'],
  examples: ['kubectl restapi status -A', 'kubectl restapi status shop --watch'],
  run: async (call) => {
    const { args, flags } = call;
    const [name] = args;
    refuseContradictions(name, flags);
    const cluster = call.connect();
    await (name === undefined ? showAll(call, cluster) : showOne(call, cluster, name));
    return YES;
  },
};

function refuseContradictions(name: string | undefined, flags: FlagValues): void {
  if (name !== undefined && flags['all-namespaces']) {
    throw new ArgumentError('status NAME shows one namespace: remove -A, or use -n instead');
  }
  if (flags['all-namespaces'] && flags.namespace) throw new ArgumentError('-A and -n exclude each other');
  if (flags.output && flags.watch) throw new ArgumentError('--output and --watch exclude each other');
}

async function showAll({ flags, screen, lifetime }: Call, cluster: Cluster): Promise<void> {
  const { client } = cluster;
  const namespace = flags['all-namespaces'] ? undefined : cluster.namespace;
  const summaries = summariesOf(await listRestApis(client, namespace, lifetime.signal));
  if (flags.output) return screen.print(formatted({ items: summaries }, flags.output));
  if (!flags.watch) return screen.printStyled(listOf(summaries, namespace, new Date(), unlimited(screen.viewport)));
  await follow(
    cluster,
    { screen, lifetime },
    {
      namespace,
      parts: false,
      view: ({ restapis }, viewport) =>
        fitHeight(listOf(summariesOf(restapis), namespace, new Date(), viewport), viewport),
    },
  );
}

async function showOne({ flags, screen, lifetime }: Call, cluster: Cluster, name: string): Promise<void> {
  const { namespace } = cluster;
  const observed = await observe(cluster, name, lifetime.signal);
  const [report] = reportsOf(observed);
  if (!report) throw new Error(`RestAPI ${name} not found in namespace ${namespace}`);
  if (flags.output) return screen.print(formatted(report, flags.output));
  if (!flags.watch) return screen.printStyled(treeOf(report, new Date(), unlimited(screen.viewport)));
  await follow(
    cluster,
    { screen, lifetime },
    {
      namespace,
      name,
      view: (now, viewport) => {
        const lines = reportsOf(now).flatMap((each) => treeOf(each, new Date(), viewport));
        return lines.length > 0 ? fitHeight(lines, viewport) : [`RestAPI ${namespace}/${name} is gone`];
      },
    },
  );
}

/** Keeps the output up to date. @throws a Stopped on Ctrl-C */
async function follow(
  { client }: Cluster,
  { screen, lifetime }: Pick<Call, 'screen' | 'lifetime'>,
  shown: Shown,
): Promise<never> {
  const table = new LiveTable(client, shown, screen, lifetime);
  await table.watch();
  table.show();
  return untilStopped(lifetime.signal);
}

/** Output that is printed once may wrap and scroll. */
function unlimited({ colour }: { colour: boolean }) {
  return { width: Number.POSITIVE_INFINITY, colour };
}
