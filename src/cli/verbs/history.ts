import { formatted } from '../formatted.ts';
import { historyLines, historyOf } from '../history.ts';
import { lostCopiesOf } from '../lost-copies.ts';
import { getRestApi } from '../observe.ts';
import { storedRevisions } from '../past.ts';
import { type Verb, YES } from '../verb.ts';

/** `kubectl restapi history NAME` */
export const history: Verb = {
  name: 'history',
  summary: 'List the past releases of a RestAPI with their results, and the revisions to roll back to',
  details: [
    'It requires the right to get restapis and to list controllerrevisions. With the right to get configmaps, the column PROBLEM says which revisions cannot be restored, as copies of their ConfigMaps are lost.',
  ],
  args: [{ label: 'NAME', names: 'restapi' }],
  flags: ['output'],
  examples: ['kubectl restapi history shop', 'kubectl restapi history shop -o yaml'],
  run: async ({ args: [name = ''], flags, screen, lifetime: { signal }, connect }) => {
    const cluster = connect();
    const api = await getRestApi(cluster, name, signal);
    const stored = await storedRevisions(cluster, api, signal);
    const lost = await lostCopiesOf(cluster, api, stored, signal);
    const kept = stored.map(({ data: _, ...revision }) => revision);
    const found = historyOf(api, kept, lost);
    const viewport = { width: Number.POSITIVE_INFINITY, colour: screen.viewport.colour };
    if (flags.output) screen.print(formatted(found, flags.output));
    else screen.printStyled(historyLines(found, new Date(), viewport));
    return YES;
  },
};
