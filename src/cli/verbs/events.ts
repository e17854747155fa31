import { concerns, type EventFields, eventListOf } from '../event-list.ts';
import { all, findRestApi } from '../observe.ts';
import { type Verb, YES } from '../verb.ts';

const EVENT = { group: '', version: 'v1', kind: 'Event', plural: 'events', namespaced: true };

/** `kubectl restapi events NAME` */
export const events: Verb = {
  name: 'events',
  summary: 'what happened to a RestAPI and what was generated for it, oldest first',
  details: ['Events last an hour in most clusters. Those of a RestAPI that is gone are shown while they last.'],
  args: [{ label: 'NAME', names: 'restapi' }],
  flags: [],
  run: async ({ args: [name = ''], screen, lifetime: { signal }, connect }) => {
    const cluster = connect();
    const { client, namespace } = cluster;
    const every = await all<EventFields>(client, EVENT, { namespace, signal });
    const its = every.filter((event) => concerns(name, event));
    if (its.length > 0) {
      screen.print(eventListOf(its, new Date(), { width: Number.POSITIVE_INFINITY, colour: screen.look.colour }));
      return YES;
    }
    if (!(await findRestApi(cluster, name, signal))) {
      throw new Error(`there is no RestAPI ${name} in namespace ${namespace}, and no Event about one`);
    }
    screen.print([`No Events about RestAPI ${namespace}/${name}`]);
    return YES;
  },
};
