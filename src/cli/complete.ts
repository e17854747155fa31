import { parseArgs } from 'node:util';
import { type ApiClient, customResourceOf, type ResourceType } from '../../operator/index.ts';
import { RestAPI, revisionHeldBy } from '../../resources/index.ts';
import { loadContext } from '../cluster/load-context.ts';
import { parseOptions } from '../terminal/flag-table.ts';
import { generatedSelector } from '../workload/kinds.ts';
import { connect } from './cluster.ts';
import { type Candidates, candidatesFor, type RevisionsOf } from './completions.ts';
import { FLAGS, type FlagValues } from './flags.ts';
import { CONTROLLER_REVISION } from './past.ts';
import { VERBS } from './verbs.ts';

const NAMESPACE = { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false };
/** Time limit of a request, in milliseconds: completion has to be quick. */
const REQUEST_TIMEOUT_MS = 2_000;

/**
 * Completes the last word; `files` stands for file names. Returns no words if the cluster cannot be reached.
 * @param words after `kubectl restapi`; the last one may be incomplete or empty
 */
export async function complete(words: readonly string[]): Promise<string[] | 'files'> {
  const candidates = candidatesFor(words, VERBS);
  if (candidates === 'files') return candidates;
  const typed = words.at(-1) ?? '';
  const found = await lookUp(candidates, flagsOf(words)).catch((): string[] => []);
  return found.filter((word) => word.startsWith(typed));
}

async function lookUp(candidates: Exclude<Candidates, 'files'>, flags: FlagValues): Promise<readonly string[]> {
  if (isRevisionsOf(candidates)) {
    const { client, namespace } = connect(flags);
    const { revisionsOf } = candidates;
    const found = await names(client, CONTROLLER_REVISION, namespace, generatedSelector(revisionsOf));
    return found.flatMap((name) => revisionHeldBy(name, revisionsOf) ?? []);
  }
  switch (candidates) {
    case 'contexts':
      return loadContext(undefined, flags.kubeconfig)
        .getContexts()
        .map(({ name }) => name);
    case 'namespaces':
      return names(connect(flags).client, NAMESPACE);
    case 'restapis': {
      const { client, namespace } = connect(flags);
      return names(client, customResourceOf(RestAPI), namespace);
    }
    default:
      return candidates;
  }
}

function isRevisionsOf(candidates: Candidates): candidates is RevisionsOf {
  return typeof candidates === 'object' && 'revisionsOf' in candidates;
}

/** The flags that choose cluster and namespace. Ignores everything else, as the command line may be incomplete. */
function flagsOf(words: readonly string[]): FlagValues {
  const { values } = parseArgs({
    args: words.slice(0, -1),
    options: parseOptions(FLAGS),
    strict: false,
    allowPositionals: true,
  });
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return { namespace: text(values.namespace), context: text(values.context), kubeconfig: text(values.kubeconfig) };
}

async function names(
  client: ApiClient,
  type: ResourceType,
  namespace?: string,
  labelSelector?: string,
): Promise<string[]> {
  const options = { namespace, labelSelector, metadataOnly: true, timeoutMs: REQUEST_TIMEOUT_MS };
  return (await client.listAll(type, options, ({ metadata }) => metadata?.name ?? '')).items;
}
