// The table of components and their pods, in the view of one RestAPI.
import { h } from './dom.js';
import { environment, row, section, share, table } from './parts.js';
import { age } from './time.js';

/**
 * @typedef {import('../rest-api-view.ts').RestApiView} RestApiView
 * @typedef {import('../rest-api-view.ts').PodView} PodView
 */

/** @param {RestApiView} view */
export function components(view) {
  const { environments, components: active } = view;
  const shown = environments.filter(({ components: list, role }) => {
    return role === 'active' || list.some(({ replicas, pods }) => replicas > 0 || pods.length > 0);
  });
  const columns = ['Component', 'Pods ready', 'Pods', 'Service', 'Image'];
  const bodies = shown.map((one) => {
    const rows = one.components.map(({ name, ready, replicas, pods }) => {
      const status = one.role === 'active' ? active.find((each) => each.name === name) : undefined;
      return row(
        `${one.name}-${name}`,
        'Component',
        h('span', { class: 'component' }, name),
        [
          ['Pods ready', share(ready, replicas)],
          ['Pods', [status?.message && h('p', { class: 'why' }, `${status.reason}: ${status.message}`), podList(pods)]],
          ['Service', status?.service ? h('code', {}, status.service) : h('span', { class: 'faint' }, '–')],
          ['Image', h('span', { class: 'image' }, status?.image ?? one.image)],
        ],
        status?.reason ? 'bad' : undefined,
      );
    });
    const head =
      environments.length > 1 &&
      h(
        'tr',
        { role: 'row', class: 'group', 'data-key': 'group' },
        h(
          'th',
          { scope: 'rowgroup', role: 'rowheader', colspan: columns.length },
          environment(one.name),
          h('span', { class: 'faint' }, ` ${one.role}, ${one.version}`),
        ),
      );
    return h('tbody', { role: 'rowgroup', 'data-key': one.name }, head, rows);
  });
  return section('components', 'Components', '', table('Components and their pods', columns, bodies));
}

/** @param {readonly PodView[]} pods */
function podList(pods) {
  if (pods.length === 0) return h('span', { class: 'faint' }, 'none');
  const dots = pods.map(({ name, state, ready, trouble }) => {
    return h('span', {
      class: `dot ${toneOfPod(state, ready, trouble)}`,
      'data-key': name,
      title: `${name}: ${state}`,
    });
  });
  const counts = new Map();
  for (const { state } of pods) counts.set(state, (counts.get(state) ?? 0) + 1);
  const summary = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([state, count]) => `${count} ${state}`);
  return h(
    'details',
    {},
    h('summary', {}, h('span', { class: 'dots', 'aria-hidden': 'true' }, dots), ` ${summary.join(', ')}`),
    h(
      'ul',
      { class: 'pods' },
      pods.map(({ name, state, ready, trouble, restarts, createdAt }) =>
        h(
          'li',
          { 'data-key': name },
          h('code', {}, name),
          ' ',
          h('span', { class: `word ${toneOfPod(state, ready, trouble)}` }, state),
          restarts > 0 ? `, restarted ${restarts === 1 ? 'once' : `${restarts} times`}` : '',
          ', ',
          age(createdAt),
          ' old',
          trouble && h('p', { class: 'why' }, trouble),
        ),
      ),
    ),
  );
}

/**
 * @param {string} state
 * @param {boolean} ready
 * @param {string | undefined} trouble
 */
function toneOfPod(state, ready, trouble) {
  if (ready) return 'good';
  if (state === 'Terminating' || state === 'Succeeded' || state === 'Completed') return 'idle';
  return trouble || !['Pending', 'ContainerCreating', 'Unready', 'Running'].includes(state) ? 'bad' : 'busy';
}
