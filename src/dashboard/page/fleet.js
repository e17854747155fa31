// All RestAPIs.
import { h, morph } from './dom.js';
import { describeError, environment, linkTo, pill, row, share, table } from './parts.js';
import { age } from './time.js';

/** @typedef {import('../fleet-row.ts').FleetRow} FleetRow */

const COLUMNS = ['RestAPI', 'State', 'Pods ready', 'Version', 'Requests go to', 'Age'];
const GROUPS = /** @type {const} */ ([
  ['good', 'ready'],
  ['busy', 'in progress'],
  ['idle', 'at rest'],
]);

/** The view of all RestAPIs. */
export class Fleet {
  title = 'RestAPIs';
  element = h('section', { class: 'fleet', 'aria-labelledby': 'title' });
  #summary = h('p', { class: 'summary' });
  #filter = /** @type {HTMLInputElement} */ (
    h('input', {
      type: 'search',
      id: 'filter',
      placeholder: 'Name or namespace',
      autocomplete: 'off',
      spellcheck: 'false',
    })
  );
  #onlyTrouble = /** @type {HTMLInputElement} */ (h('input', { type: 'checkbox', id: 'only-trouble' }));
  #body = h('tbody', { role: 'rowgroup' });
  #empty = h('div', { class: 'empty' });
  #table = h('div', { class: 'panel' }, table('All RestAPIs', COLUMNS, [this.#body]));
  /** @type {Map<string, { row: FleetRow, shown: HTMLElement }>} */
  #rows = new Map();
  #loaded = false;
  #ready = true;
  /** @type {(text: string) => void} */
  #announce;
  #trouble = -1;

  /** @param {(text: string) => void} announce tells those who do not see the page */
  constructor(announce) {
    this.#announce = announce;
    this.element.append(
      h('h1', { id: 'title', tabindex: '-1' }, 'RestAPIs'),
      this.#summary,
      h(
        'div',
        { class: 'filters' },
        h('label', { for: 'filter', class: 'unseen' }, 'Show those whose name or namespace has'),
        this.#filter,
        h('label', {}, this.#onlyTrouble, ' only those in trouble'),
      ),
      this.#table,
      this.#empty,
    );
    this.#filter.addEventListener('input', () => this.#refresh());
    this.#onlyTrouble.addEventListener('change', () => this.#refresh());
    this.#refresh();
  }

  /** @param {any} about */
  operator({ ready }) {
    this.#ready = ready;
    this.#refresh();
  }

  /** @param {[string, FleetRow][]} entries */
  all(entries) {
    const keys = new Set(entries.map(([key]) => key));
    const gone = [...this.#rows.keys()].filter((key) => !keys.has(key));
    this.#loaded = true;
    this.changed([...gone.map((key) => /** @type {[string, null]} */ ([key, null])), ...entries]);
  }

  /** @param {[string, FleetRow | null][]} entries */
  changed(entries) {
    let sort = false;
    for (const [key, value] of entries) {
      const known = this.#rows.get(key);
      if (value === null) {
        known?.shown.remove();
        this.#rows.delete(key);
      } else if (known) {
        morph(known.shown, rowOf(key, value));
        known.row = value;
      } else {
        const shown = rowOf(key, value);
        this.#rows.set(key, { row: value, shown });
        sort = true;
      }
    }
    if (sort) this.#sort();
    this.#refresh();
  }

  /** Time goes on though nothing is heard. */
  tick() {}

  /** Nothing is known of what happens from now on. */
  lost() {}

  #sort() {
    const sorted = [...this.#rows].sort(([a], [b]) => (a < b ? -1 : 1));
    // Moving a row would take the focus from it: those that are in their place stay.
    let at = this.#body.firstElementChild;
    for (const [, { shown }] of sorted) {
      if (shown === at) at = at.nextElementSibling;
      else this.#body.insertBefore(shown, at);
    }
  }

  #refresh() {
    const wanted = this.#filter.value.trim().toLowerCase();
    const rows = [...this.#rows];
    let shown = 0;
    for (const [key, { row: one, shown: element }] of rows) {
      const fits = key.toLowerCase().includes(wanted) && (!this.#onlyTrouble.checked || inTrouble(one));
      element.hidden = !fits;
      if (fits) shown++;
    }
    this.#table.hidden = shown === 0;
    morph(this.#summary, summary(rows.map(([, { row: one }]) => one)));
    morph(this.#empty, this.#emptyWords(rows.length, shown));
    this.#tellTrouble(rows.filter(([, { row: one }]) => inTrouble(one)).length);
  }

  /**
   * @param {number} count
   * @param {number} shown
   */
  #emptyWords(count, shown) {
    if (shown > 0) return h('div', { class: 'empty', hidden: true });
    if (count > 0) return h('div', { class: 'empty' }, h('p', {}, 'No RestAPI fits the filter.'));
    if (!this.#loaded || !this.#ready) return h('div', { class: 'empty' }, h('p', {}, 'Looking for RestAPIs …'));
    return h(
      'div',
      { class: 'empty' },
      h('p', { class: 'strong' }, 'No RestAPI yet'),
      h('p', {}, 'Make one, and it appears here:'),
      h('pre', {}, h('code', {}, EXAMPLE)),
    );
  }

  /** @param {number} count */
  #tellTrouble(count) {
    if (this.#loaded && this.#trouble >= 0 && count !== this.#trouble) {
      this.#announce(count === 0 ? 'No RestAPI is in trouble' : `RestAPIs in trouble: ${count}`);
    }
    if (this.#loaded) this.#trouble = count;
  }
}

const EXAMPLE = `kubectl apply -f - <<EOF
apiVersion: restapi.dev/v1alpha1
kind: RestAPI
metadata:
  name: shop
spec:
  image: registry.example.com/shop:1.0.0
EOF`;

/** Also one that serves may have something for a person to mend. @param {FleetRow} row */
function inTrouble({ tone, troubles }) {
  return tone === 'bad' || troubles.length > 0;
}

/** @param {readonly FleetRow[]} rows */
function summary(rows) {
  const counts = GROUPS.map(
    ([tone, words]) => /** @type {const} */ ([tone, words, rows.filter((one) => one.tone === tone).length]),
  );
  const troubled = rows.filter(inTrouble).length;
  return h(
    'p',
    { class: 'summary' },
    h('span', { class: 'number' }, `${rows.length} in all`),
    counts.filter(([, , count]) => count > 0).map(([tone, words, count]) => pill(tone, `${count} ${words}`)),
    troubled > 0 && pill('bad', `${troubled} in trouble`),
  );
}

/**
 * @param {string} key
 * @param {FleetRow} api
 */
function rowOf(key, api) {
  const { namespace, name, phase, tone, upToDate, readyReplicas, replicas, version, activeEnvironment, release } = api;
  const name_ = [h('a', { href: linkTo(api) }, name), h('span', { class: 'faint' }, namespace)];
  const state = [
    pill(tone, phase),
    !upToDate && h('span', { class: 'faint' }, 'the latest change has not been looked at yet'),
    ...api.troubles.map(({ message, reason }) => h('span', { class: 'why', title: message }, `${reason}: ${message}`)),
  ];
  const goes = [
    activeEnvironment ? environment(activeEnvironment) : h('span', { class: 'faint' }, 'all pods'),
    release &&
      h(
        'span',
        { class: 'releasing' },
        `${release.version} in ${release.environment}: ${describeError(release.phase)}`,
      ),
  ];
  return row(
    key,
    'RestAPI',
    h('span', { class: 'name' }, ...name_),
    [
      ['State', h('span', { class: 'stack' }, ...state)],
      ['Pods ready', share(readyReplicas, replicas)],
      ['Version', h('span', { class: 'version' }, version)],
      ['Requests go to', h('span', { class: 'stack' }, ...goes)],
      ['Age', age(api.createdAt)],
    ],
    inTrouble(api) ? 'bad' : undefined,
  );
}
