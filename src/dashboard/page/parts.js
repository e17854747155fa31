// Elements shared by the views.
import { h } from './dom.js';

/** The sign of each tone, so that colour is never the only signal. */
const SIGNS = /** @type {Record<string, string>} */ ({ good: '✓', busy: '…', bad: '!', idle: '–' });

/**
 * A word in the colour of its tone.
 * @param {string} tone
 * @param {string} text
 */
export function pill(tone, text) {
  const sign = h('span', { class: 'sign', 'aria-hidden': 'true', 'data-sign': SIGNS[tone] });
  return h('span', { class: `pill ${tone}` }, sign, text);
}

/**
 * The name of an environment in its colour.
 * @param {string | undefined} name
 */
export function environment(name) {
  return h('span', { class: `environment ${name ?? ''}` }, name ?? '–');
}

/**
 * A count out of a total, with a bar.
 * @param {number} ready
 * @param {number} of
 */
export function share(ready, of) {
  const tone = ready >= of ? 'good' : ready > 0 ? 'busy' : 'bad';
  return h(
    'span',
    { class: 'share' },
    h('progress', {
      class: tone,
      max: Math.max(of, 1),
      value: of === 0 ? 0 : Math.min(ready, of),
      'aria-hidden': 'true',
    }),
    h('span', { class: 'number' }, `${ready}/${of}`),
  );
}

/** The address of the page of one RestAPI. @param {{ namespace: string, name: string }} api */
export function linkTo({ namespace, name }) {
  return `#/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}

/**
 * A table. On narrow screens each row becomes a block whose cells name their columns. Roles are explicit because browsers
 * drop the implicit ones of tables with another `display`.
 * @param {string} caption
 * @param {readonly string[]} columns
 * @param {HTMLElement[]} bodies
 */
export function table(caption, columns, bodies) {
  return h(
    'table',
    { role: 'table' },
    h('caption', { class: 'unseen' }, caption),
    h(
      'thead',
      { role: 'rowgroup' },
      h(
        'tr',
        { role: 'row' },
        columns.map((text) => h('th', { scope: 'col', role: 'columnheader' }, text)),
      ),
    ),
    bodies,
  );
}

/**
 * @param {string} key
 * @param {string} heading the column
 * @param {import('./dom.js').Child} head the row's header
 * @param {readonly [column: string, content: import('./dom.js').Child | import('./dom.js').Child[]][]} cells
 * @param {string} [style]
 */
export function row(key, heading, head, cells, style) {
  return h(
    'tr',
    { role: 'row', 'data-key': key, class: style },
    h('th', { scope: 'row', role: 'rowheader', 'data-column': heading }, head),
    cells.map(([column, content]) => {
      const children = Array.isArray(content) ? content : [content];
      return h('td', { role: 'cell', 'data-column': column }, children);
    }),
  );
}

/**
 * A section of a view, with its heading.
 * @param {string} id
 * @param {string} title
 * @param {string} style
 * @param {...(import('./dom.js').Child | import('./dom.js').Child[])} children
 */
export function section(id, title, style, ...children) {
  const attributes = { class: `panel ${style}`, 'aria-labelledby': id, 'data-key': id };
  return h('section', attributes, h('h2', { id }, title), ...children);
}

/**
 * Splits a camel-case name into words: `WaitingForPromotion` becomes `waiting for promotion`.
 * @param {string} name
 */
export function splitCamelCase(name) {
  return name
    .replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replace(/^[A-Z]/, (letter) => letter.toLowerCase());
}
