// The view of one RestAPI.
import { components } from './components.js';
import { h, morph } from './dom.js';
import { environment, pill, row, section, share, splitCamelCase, table } from './parts.js';
import { scaling } from './scaling.js';
import { ScalingHistory } from './scaling-history.js';
import { age, now } from './time.js';

/**
 * @typedef {import('../rest-api-view.ts').RestApiView} RestApiView
 * @typedef {import('../rest-api-view.ts').EnvironmentView} EnvironmentView
 */

const ROLES = { active: 'active: receives traffic', preview: 'preview: the next version', idle: 'idle' };
const RESULTS = /** @type {Record<string, string>} */ ({
  Promoted: 'good',
  Passed: 'good',
  Aborted: 'bad',
  Failed: 'bad',
  RolledBack: 'bad',
  Cancelled: 'idle',
  Running: 'busy',
});

/** Histories since the page was opened, kept when the reader moves to another view. @type {Map<string, ScalingHistory>} */
const histories = new Map();

/** The view of one RestAPI. */
export class OneRestApi {
  element = h('article', { class: 'one', 'aria-labelledby': 'title' });
  #name;
  #namespace;
  #history;
  #announce;
  /** @type {RestApiView | undefined} */
  #view;
  #loaded = false;
  #ready = true;
  #announced = '';

  /**
   * @param {string} namespace
   * @param {string} name
   * @param {(text: string) => void} announce passes a text to screen readers
   */
  constructor(namespace, name, announce) {
    this.#namespace = namespace;
    this.#name = name;
    this.#announce = announce;
    this.title = `${name} · ${namespace}`;
    const key = `${namespace}/${name}`;
    this.#history = histories.get(key) ?? new ScalingHistory();
    histories.set(key, this.#history);
    this.#refresh();
  }

  /** @param {any} about */
  operator({ ready }) {
    this.#ready = ready;
    this.#refresh();
  }

  /** @param {[string, RestApiView][]} entries */
  all(entries) {
    this.#loaded = true;
    this.changed(entries.length > 0 ? entries : [['', null]]);
  }

  /** @param {[string, RestApiView | null][]} entries */
  changed(entries) {
    this.#view = entries.at(-1)?.[1] ?? undefined;
    if (this.#view) this.#history.add(this.#view, now());
    this.#announceChange();
    this.#refresh();
  }

  /** Called when the connection is lost: leaves a gap in the history. */
  lost() {
    this.#history.gap(now());
  }

  /** Called every few seconds: moves the plots on when nothing changes. */
  tick() {
    if (this.#view) this.#refresh();
  }

  #announceChange() {
    const view = this.#view;
    const released =
      view?.releasing && `, release of ${view.releasing.version} ${splitCamelCase(view.releasing.phase)}`;
    const active = view?.activeEnvironment && `, active environment ${view.activeEnvironment}`;
    const text = view ? `${this.#name} is ${view.phase}${active ?? ''}${released ?? ''}` : `There is no ${this.#name}`;
    if (text !== this.#announced && this.#announced !== '') this.#announce(text);
    this.#announced = text;
  }

  #refresh() {
    const back = h('p', { class: 'back' }, h('a', { href: '#/' }, '← All RestAPIs'));
    const heading = h(
      'h1',
      { id: 'title', tabindex: '-1' },
      this.#name,
      h('span', { class: 'faint' }, this.#namespace),
    );
    const view = this.#view;
    const parts = view ? contents(view, this.#history) : [this.#missing()];
    const top = h('div', { class: 'top' }, heading, view && pill(view.tone, view.phase));
    morph(this.element, h('article', { class: 'one', 'aria-labelledby': 'title' }, back, top, ...parts));
  }

  #missing() {
    if (!this.#loaded || !this.#ready) return h('div', { class: 'empty' }, h('p', {}, 'Loading …'));
    return h(
      'div',
      { class: 'empty' },
      h('p', { class: 'strong' }, `There is no RestAPI ${this.#name} in namespace ${this.#namespace}`),
      h('p', {}, 'It will appear here once created.'),
    );
  }
}

/**
 * @param {RestApiView} view
 * @param {ScalingHistory} history
 */
function contents(view, history) {
  return [
    h(
      'dl',
      { class: 'facts' },
      fact('Pods ready', share(view.readyReplicas, view.replicas)),
      fact('Version', h('span', { class: 'version' }, view.version)),
      fact('Active environment', view.activeEnvironment ? environment(view.activeEnvironment) : '–'),
      fact('Age', age(view.createdAt)),
    ),
    !view.upToDate && h('p', { class: 'note' }, 'The operator has not reconciled the latest change yet.'),
    held(view),
    troubles(view),
    releasing(view),
    traffic(view),
    components(view),
    scaling(view, history),
    checks(view),
    healing(view),
    past(view),
    conditions(view),
  ];
}

/**
 * @param {string} name
 * @param {import('./dom.js').Child} content
 */
function fact(name, content) {
  return h('div', {}, h('dt', {}, name), h('dd', {}, content));
}

/** @param {RestApiView} view */
function troubles({ troubles: all }) {
  if (all.length === 0) return null;
  const items = all.map(({ type, reason, message, since }) => {
    return h(
      'li',
      { 'data-key': type },
      h('span', { class: 'strong' }, reason),
      ' for ',
      age(since),
      h('p', {}, message),
    );
  });
  return section('trouble', 'Needs attention', 'trouble', h('ul', { class: 'troubles' }, items));
}

/** @param {RestApiView} view */
function held({ held: found }) {
  if (!found) return null;
  const items = found.holds.map(({ reason, by, since, message }) =>
    h(
      'li',
      { 'data-key': reason },
      h('span', { class: 'strong' }, `Held by ${by}`),
      since !== undefined && ' for ',
      since !== undefined && age(since),
      h('p', {}, message),
    ),
  );
  const [{ command, revision } = { command: '', revision: '' }] = found.holds;
  return section(
    'held',
    `Version ${found.version} is held back`,
    'held',
    h('p', { class: 'faint' }, 'Revision ', h('code', {}, revision)),
    h('ul', { class: 'troubles' }, items),
    h('p', {}, 'Request another version in the spec, or let this one go:'),
    h('pre', { class: 'command' }, command),
  );
}

/** @param {RestApiView} view */
function releasing({ releasing: release }) {
  if (!release) return null;
  const { version, environment: where, revision, steps, message, startedAt, authors, phase } = release;
  return section(
    'release',
    `Release of ${version}`,
    'release',
    h(
      'p',
      { class: 'faint' },
      'Revision ',
      h('code', {}, revision),
      ' in ',
      environment(where),
      ', for ',
      age(startedAt),
      authors.map((text) => `, ${text}`),
    ),
    h(
      'ol',
      { class: 'steps' },
      steps.map(({ title, state }) => {
        const signs = { done: '✓ done: ', now: '', next: '' };
        return h(
          'li',
          { class: state, 'aria-current': state === 'now' ? 'step' : undefined },
          signs[state] && h('span', { class: 'unseen' }, signs[state]),
          title,
        );
      }),
    ),
    h('p', { class: 'message' }, h('span', { class: 'strong' }, `${sentence(splitCamelCase(phase))}. `), message),
  );
}

/** @param {RestApiView} view */
function traffic({ front, environments }) {
  // Sorted by name, so that boxes stay in place and only the arrow moves.
  const boxes = [...environments]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((one) => {
      const { name, role, version, revision, readyReplicas, replicas } = one;
      return h(
        'li',
        { class: `box ${name} ${role}`, 'data-key': name },
        h('span', { class: 'way', 'aria-hidden': 'true' }),
        h('div', { class: 'head' }, environment(name), h('span', { class: 'role' }, ROLES[role])),
        h('div', { class: 'version' }, version),
        h('div', { class: 'faint' }, revision ? ['revision ', h('code', {}, revision)] : one.image),
        share(readyReplicas, replicas),
      );
    });
  return section(
    'traffic',
    'Traffic',
    'traffic',
    h(
      'div',
      { class: 'flow' },
      h('div', { class: 'front' }, h('span', { class: 'faint' }, 'Service'), h('code', {}, front ?? 'none yet')),
      h('ul', { class: 'boxes' }, boxes),
    ),
  );
}

/** @param {RestApiView} view */
function checks({ checks: found }) {
  if (!found) return null;
  const { stage, result, checks: list } = found;
  const rows = list.map(({ name, result: is, attempts, failures, message }) =>
    row(name, 'Check', name, [
      ['Result', pill(RESULTS[is] ?? 'busy', is)],
      ['Attempts', failures > 0 ? `${attempts}, ${failures} failed` : `${attempts}`],
      ['Last message', message],
    ]),
  );
  const when = stage === 'prePromotion' ? 'Before promotion' : 'After promotion';
  return section(
    'checks',
    'Checks',
    '',
    h('p', { class: 'faint' }, `${when}: ${result.toLowerCase()}`),
    rows.length > 0 &&
      table('Checks', ['Check', 'Result', 'Attempts', 'Last message'], [h('tbody', { role: 'rowgroup' }, rows)]),
  );
}

/** @param {RestApiView} view */
function healing({ healing: actions }) {
  if (actions.length === 0) return null;
  const rows = actions.map(({ at, action, component, target, reason, message, result }) =>
    row(`${at} ${action} ${target}`, 'Action', sentence(splitCamelCase(action)), [
      ['Component', component],
      ['Target', h('code', {}, target)],
      ['Age', age(at)],
      ['Result', result ? sentence(splitCamelCase(result)) : 'In progress'],
      ['Message', `${reason}: ${message}`],
    ]),
  );
  const columns = ['Action', 'Component', 'Target', 'Age', 'Result', 'Message'];
  return section('healing', 'Healing', '', table('Healing actions', columns, [h('tbody', { role: 'rowgroup' }, rows)]));
}

/** @param {RestApiView} view */
function past({ history }) {
  if (history.length === 0) return null;
  const rows = history.map(({ revision, version, result, at, by, message }) =>
    row(
      `${at} ${revision} ${result}`,
      'Version',
      h('span', {}, h('span', { class: 'version' }, version), ' ', h('code', { class: 'faint' }, revision)),
      [
        ['Result', pill(RESULTS[result] ?? 'idle', sentence(splitCamelCase(result)))],
        ['Age', age(at)],
        ['By', by ?? '–'],
        ['Message', message],
      ],
    ),
  );
  const columns = ['Version', 'Result', 'Age', 'By', 'Message'];
  return section('past', 'Releases', '', table('Recent releases', columns, [h('tbody', { role: 'rowgroup' }, rows)]));
}

/** @param {RestApiView} view */
function conditions({ conditions: all }) {
  if (all.length === 0) return null;
  const rows = all.map(({ type, status, reason, message, since, trouble }) =>
    row(type, 'Condition', type, [
      ['Status', h('span', { class: trouble ? 'word bad' : 'word' }, status)],
      ['Age', age(since)],
      ['Reason', reason],
      ['Message', message],
    ]),
  );
  const columns = ['Condition', 'Status', 'Age', 'Reason', 'Message'];
  return section(
    'conditions',
    'Conditions',
    '',
    table('Conditions', columns, [h('tbody', { role: 'rowgroup' }, rows)]),
  );
}

/** @param {string} text */
function sentence(text) {
  return text.replace(/^./, (letter) => letter.toUpperCase());
}
