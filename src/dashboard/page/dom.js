// Builds elements from plain values. Text never becomes markup: nothing in this page parses HTML from a string.

const SVG = 'http://www.w3.org/2000/svg';

/**
 * @typedef {Node | string | number | false | null | undefined} Child
 * @typedef {Record<string, string | number | boolean | undefined>} Attributes
 */

/**
 * Creates an HTML element. Attributes that are undefined or false are left out.
 * @param {string} tag
 * @param {Attributes} attributes
 * @param {...(Child | Child[])} children
 */
export function h(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/**
 * Creates an SVG element.
 * @param {string} tag
 * @param {Attributes} attributes
 * @param {...(Child | Child[])} children
 */
export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

/**
 * @template {Element} E
 * @param {E} element
 * @param {Attributes} attributes
 * @param {(Child | Child[])[]} children
 */
function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const child of children.flat()) {
    if (child === false || child === null || child === undefined) continue;
    element.append(typeof child === 'number' ? String(child) : child);
  }
  return element;
}

/**
 * Changes `shown` to match `wanted` and leaves the rest of it untouched, so that focus, selection and opened details stay.
 * Children are matched by `data-key`, or by position where they have none.
 * @param {Element} shown
 * @param {Element} wanted its children may be moved into `shown`
 */
export function morph(shown, wanted) {
  for (const { name } of [...shown.attributes]) {
    // The reader decides which details are open.
    if (!wanted.hasAttribute(name) && !(shown.nodeName === 'DETAILS' && name === 'open')) shown.removeAttribute(name);
  }
  for (const { name, value } of [...wanted.attributes]) {
    if (shown.getAttribute(name) !== value) shown.setAttribute(name, value);
  }
  morphChildren(shown, wanted);
}

/**
 * @param {Element} shown
 * @param {Element} wanted
 */
function morphChildren(shown, wanted) {
  const keyed = new Map([...shown.children].flatMap((child) => (keyOf(child) ? [[keyOf(child), child]] : [])));
  let at = shown.firstChild;
  for (const next of [...wanted.childNodes]) {
    const key = keyOf(next);
    const known = key ? keyed.get(key) : at && !keyOf(at) ? at : undefined;
    if (!known || known.nodeName !== next.nodeName) {
      shown.insertBefore(next, at);
      continue;
    }
    if (known === at) at = at.nextSibling;
    else shown.insertBefore(known, at);
    if (known instanceof Element && next instanceof Element) morph(known, next);
    else if (known.nodeValue !== next.nodeValue) known.nodeValue = next.nodeValue;
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = /** @type {ChildNode | null} */ (next);
  }
}

/** @param {Node} node */
function keyOf(node) {
  return node instanceof Element ? (node.getAttribute('data-key') ?? undefined) : undefined;
}
