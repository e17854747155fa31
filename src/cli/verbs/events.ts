import { concerns, type EventFields, eventListOf } from '../event-list.ts';
import { findRestApi, listAll } from '../observe.ts';
import { type Verb, YES } from '../verb.ts';

const EVENT = { group: '', version: 'v1', kind: 'Event', plural: 'events', namespaced: true };

/** `kubectl restapi events NAME` */
export const events: Verb = {
  name: 'events',
  summary: 'List the Events of a RestAPI and of its generated objects, oldest first',
  details: [
    'Most clusters keep Events for one hour. Events of a deleted RestAPI are listed as long as the cluster keeps them.',
    'It requires the right to list events and get restapis.',
  ],
  args: [{ label: 'NAME', names: 'restapi' }],
  flags: [],
  examples: ['kubectl restapi events shop'],
  run: async ({ args: [name = ''], screen, lifetime: { signal }, connect }) => {
    const cluster = connect();
    const { client, namespace } = cluster;
    const every = await listAll<EventFields>(client, EVENT, { namespace, signal });
    const its = every.filter((event) => concerns(name, event));
    if (its.length > 0) {
      screen.printStyled(
        eventListOf(its, new Date(), { width: Number.POSITIVE_INFINITY, colour: screen.viewport.colour }),
      );
      return YES;
    }
    if (!(await findRestApi(cluster, name, signal))) {
      throw new Error(`RestAPI ${name} not found in namespace ${namespace}, and there are no Events for it`);
    }
    screen.print([`No Events for RestAPI ${namespace}/${name}`]);
    return YES;
  },
};
