import { LiveTable, type Shown } from '../../live-table/live-table.ts';
import { ArgumentError } from '../../terminal/arguments.ts';
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
  summary: 'how RestAPIs are; with a name, also its components and their pods, and what it waits for',
  details: [
    'It needs the right to get and list restapis, with a name also to list deployments, services and pods (what may',
    'not be read is shown as ?), and with --watch to watch them.',
  ],
  args: [{ label: 'NAME', names: 'restapi', optional: true }],
  flags: ['all-namespaces', 'output', 'watch'],
  run: async (call) => {
    const { args, flags } = call;
    const [name] = args;
    refuseNonsense(name, flags);
    const cluster = call.connect();
    await (name === undefined ? showAll(call, cluster) : showOne(call, cluster, name));
    return YES;
  },
};

function refuseNonsense(name: string | undefined, flags: FlagValues): void {
  if (name !== undefined && flags['all-namespaces']) {
    throw new ArgumentError('status NAME is about one namespace: leave out -A, or name it with -n');
  }
  if (flags['all-namespaces'] && flags.namespace) throw new ArgumentError('-A and -n: say one of them');
  if (flags.output && flags.watch) throw new ArgumentError('--output shows one moment: leave out --watch');
}

async function showAll({ flags, screen, lifetime }: Call, cluster: Cluster): Promise<void> {
  const { client } = cluster;
  const namespace = flags['all-namespaces'] ? undefined : cluster.namespace;
  const summaries = summariesOf(await listRestApis(client, namespace, lifetime.signal));
  if (flags.output) return screen.print(formatted({ items: summaries }, flags.output));
  if (!flags.watch) return screen.print(listOf(summaries, namespace, new Date(), unlimited(screen.look)));
  await follow(
    cluster,
    { screen, lifetime },
    {
      namespace,
      parts: false,
      view: ({ restapis }, look) => fitHeight(listOf(summariesOf(restapis), namespace, new Date(), look), look),
    },
  );
}

async function showOne({ flags, screen, lifetime }: Call, cluster: Cluster, name: string): Promise<void> {
  const { namespace } = cluster;
  const observed = await observe(cluster, name, lifetime.signal);
  const [report] = reportsOf(observed);
  if (!report) throw new Error(`there is no RestAPI ${name} in namespace ${namespace}`);
  if (flags.output) return screen.print(formatted(report, flags.output));
  if (!flags.watch) return screen.print(treeOf(report, new Date(), unlimited(screen.look)));
  await follow(
    cluster,
    { screen, lifetime },
    {
      namespace,
      name,
      view: (now, look) => {
        const lines = reportsOf(now).flatMap((each) => treeOf(each, new Date(), look));
        return lines.length > 0 ? fitHeight(lines, look) : [`RestAPI ${namespace}/${name} is gone`];
      },
    },
  );
}

/** Shows it, again and again. @throws a Stopped when the person ends it */
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

/** What is printed once may wrap and scroll. */
function unlimited({ colour }: { colour: boolean }) {
  return { width: Number.POSITIVE_INFINITY, colour };
}
