import { formatted } from '../formatted.ts';
import { historyLines, historyOf } from '../history.ts';
import { getRestApi } from '../observe.ts';
import { keptRevisions } from '../past.ts';
import { type Verb, YES } from '../verb.ts';

/** `kubectl restapi history NAME` */
export const history: Verb = {
  name: 'history',
  summary: 'the last releases of a RestAPI and how they ended, and the revisions one can go back to',
  details: ['It needs the right to get restapis and to list controllerrevisions.', '  kubectl restapi history shop'],
  args: [{ label: 'NAME', names: 'restapi' }],
  flags: ['output'],
  run: async ({ args: [name = ''], flags, screen, lifetime: { signal }, connect }) => {
    const cluster = connect();
    const api = await getRestApi(cluster, name, signal);
    const found = historyOf(api, await keptRevisions(cluster, api, signal));
    const look = { width: Number.POSITIVE_INFINITY, colour: screen.look.colour };
    screen.print(flags.output ? formatted(found, flags.output) : historyLines(found, new Date(), look));
    return YES;
  },
};
