// The list of all RestAPIs.
import { h, morph } from './dom.js';
import { environment, linkTo, pill, row, share, splitCamelCase, table } from './parts.js';
import { age } from './time.js';

/** @typedef {import('../fleet-row.ts').FleetRow} FleetRow */

const COLUMNS = ['RestAPI', 'State', 'Pods ready', 'Version', 'Active environment', 'Age'];
const GROUPS = /** @type {const} */ ([
  ['good', 'ready'],
  ['busy', 'in progress'],
  ['idle', 'inactive'],
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
  #onlyAttention = /** @type {HTMLInputElement} */ (h('input', { type: 'checkbox', id: 'only-attention' }));
  #body = h('tbody', { role: 'rowgroup' });
  #empty = h('div', { class: 'empty' });
  #table = h('div', { class: 'panel' }, table('All RestAPIs', COLUMNS, [this.#body]));
  /** @type {Map<string, { row: FleetRow, shown: HTMLElement }>} */
  #rows = new Map();
  #loaded = false;
  #ready = true;
  /** @type {(text: string) => void} */
  #announce;
  #attention = -1;

  /** @param {(text: string) => void} announce passes a text to screen readers */
  constructor(announce) {
    this.#announce = announce;
    this.element.append(
      h('h1', { id: 'title', tabindex: '-1' }, 'RestAPIs'),
      this.#summary,
      h(
        'div',
        { class: 'filters' },
        h('label', { for: 'filter', class: 'unseen' }, 'Filter by name or namespace'),
        this.#filter,
        h('label', {}, this.#onlyAttention, ' Only those that need attention'),
      ),
      this.#table,
      this.#empty,
    );
    this.#filter.addEventListener('input', () => this.#refresh());
    this.#onlyAttention.addEventListener('change', () => this.#refresh());
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

  /** Called every few seconds; nothing here depends on the time. */
  tick() {}

  /** Called when the connection is lost; nothing here depends on it. */
  lost() {}

  #sort() {
    const sorted = [...this.#rows].sort(([a], [b]) => (a < b ? -1 : 1));
    // Moving a row takes the focus from it, so rows already in place stay.
    let at = this.#body.firstElementChild;
    for (const [, { shown }] of sorted) {
      if (shown === at) at = at.nextElementSibling;
      else this.#body.insertBefore(shown, at);
    }
  }

  #refresh() {
    const text = this.#filter.value.trim().toLowerCase();
    const rows = [...this.#rows];
    let shown = 0;
    for (const [key, { row: one, shown: element }] of rows) {
      const matches = key.toLowerCase().includes(text) && (!this.#onlyAttention.checked || needsAttention(one));
      element.hidden = !matches;
      if (matches) shown++;
    }
    this.#table.hidden = shown === 0;
    morph(this.#summary, summary(rows.map(([, { row: one }]) => one)));
    morph(this.#empty, this.#emptyState(rows.length, shown));
    this.#announceAttention(rows.filter(([, { row: one }]) => needsAttention(one)).length);
  }

  /**
   * @param {number} count
   * @param {number} shown
   */
  #emptyState(count, shown) {
    if (shown > 0) return h('div', { class: 'empty', hidden: true });
    if (count > 0) return h('div', { class: 'empty' }, h('p', {}, 'No RestAPI matches the filter.'));
    if (!this.#loaded || !this.#ready) return h('div', { class: 'empty' }, h('p', {}, 'Loading RestAPIs …'));
    return h(
      'div',
      { class: 'empty' },
      h('p', { class: 'strong' }, 'No RestAPIs yet'),
      h('p', {}, 'Create one and it appears here:'),
      h('pre', {}, h('code', {}, EXAMPLE)),
    );
  }

  /** @param {number} count */
  #announceAttention(count) {
    if (this.#loaded && this.#attention >= 0 && count !== this.#attention) {
      this.#announce(count === 0 ? 'No RestAPI needs attention' : `RestAPIs that need attention: ${count}`);
    }
    if (this.#loaded) this.#attention = count;
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

/** A RestAPI that is ready can still need attention. @param {FleetRow} row */
function needsAttention({ tone, troubles }) {
  return tone === 'bad' || troubles.length > 0;
}

/** @param {readonly FleetRow[]} rows */
function summary(rows) {
  const counts = GROUPS.map(
    ([tone, label]) => /** @type {const} */ ([tone, label, rows.filter((one) => one.tone === tone).length]),
  );
  const attention = rows.filter(needsAttention).length;
  return h(
    'p',
    { class: 'summary' },
    h('span', { class: 'number' }, `${rows.length} in all`),
    counts.filter(([, , count]) => count > 0).map(([tone, label, count]) => pill(tone, `${count} ${label}`)),
    attention > 0 && pill('bad', `${attention} ${attention === 1 ? 'needs' : 'need'} attention`),
  );
}

/**
 * @param {string} key
 * @param {FleetRow} api
 */
function rowOf(key, api) {
  const { namespace, name, phase, tone, upToDate, readyReplicas, replicas, version, activeEnvironment, release, held } =
    api;
  const name_ = [h('a', { href: linkTo(api) }, name), h('span', { class: 'faint' }, namespace)];
  const state = [
    pill(tone, phase),
    !upToDate && h('span', { class: 'faint' }, 'latest change not reconciled yet'),
    ...api.troubles.map(({ message, reason }) => h('span', { class: 'why', title: message }, `${reason}: ${message}`)),
  ];
  const [hold] = held?.holds ?? [];
  const traffic = [
    activeEnvironment ? environment(activeEnvironment) : h('span', { class: 'faint' }, '–'),
    release &&
      h(
        'span',
        { class: 'releasing' },
        `${release.version} in ${release.environment}: ${splitCamelCase(release.phase)}`,
      ),
    held && hold && h('span', { class: 'why', title: hold.message }, `${held.version} is held back by ${hold.by}`),
  ];
  return row(
    key,
    'RestAPI',
    h('span', { class: 'name' }, ...name_),
    [
      ['State', h('span', { class: 'stack' }, ...state)],
      ['Pods ready', share(readyReplicas, replicas)],
      ['Version', h('span', { class: 'version' }, version)],
      ['Active environment', h('span', { class: 'stack' }, ...traffic)],
      ['Age', age(api.createdAt)],
    ],
    needsAttention(api) ? 'bad' : undefined,
  );
}
