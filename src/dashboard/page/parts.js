// Small parts that several views have.
import { h } from './dom.js';

/** The sign of each tone: what colour tells is told without it too. */
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
 * So many of so many, with a bar.
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
 * A table whose rows stand one under the other on narrow screens: then each cell names its column. Roles are said, as
 * browsers forget those of tables that are laid out otherwise.
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
 * @param {import('./dom.js').Child} head what the row is about
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
 * A part of a view, with its heading.
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
 * `WaitingForPromotion` as words.
 * @param {string} phase
 */
export function describeError(phase) {
  return phase
    .replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replace(/^[A-Z]/, (letter) => letter.toLowerCase());
}
