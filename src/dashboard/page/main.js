// Entry point: routes between the views and shows the state of the connection.
import { Fleet } from './fleet.js';
import { OneRestApi } from './rest-api.js';
import { follow } from './stream.js';
import { refreshAges, setClock } from './time.js';

const TICK_MS = 5_000;
/** Minimum time between two announcements to screen readers, milliseconds. */
const ANNOUNCE_MS = 3_000;

/** @param {string} id */
const find = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const main = find('main');

/** @type {(() => void) | undefined} */
let stop;
/** Version of this page, as the operator first reported it. @type {string | undefined} */
let page;
/** @type {Date | undefined} */
let updatedAt;
/** @type {Fleet | OneRestApi} */
let view;

/** The next announcement. @type {string | undefined} */
let pending;

/** @param {string} text */
function announce(text) {
  if (pending === undefined) {
    setTimeout(() => {
      show('announce', pending ?? '');
      pending = undefined;
    }, ANNOUNCE_MS);
  }
  pending = text;
}

/**
 * @param {string} id
 * @param {string} text
 */
function show(id, text) {
  const element = find(id);
  if (element.textContent !== text) element.textContent = text;
}

/** @param {string} state connecting, live or lost @param {string} text */
function showState(state, text) {
  document.body.dataset.state = state;
  find('live').dataset.state = state;
  show('live', text);
}

/** Shows the view that the address names. @param {boolean} navigated whether the reader followed a link within the page */
function open(navigated) {
  stop?.();
  const [, namespace, name] = /^#\/([^/]+)\/([^/]+)$/.exec(location.hash) ?? [];
  const path = namespace && name ? `events/restapis/${decoded(namespace)}/${decoded(name)}` : 'events/restapis';
  view = namespace && name ? new OneRestApi(decoded(namespace), decoded(name), announce) : new Fleet(announce);
  main.replaceChildren(view.element);
  document.title = `${view.title} · RestAPI operator`;
  if (navigated) {
    find('title').focus({ preventScroll: true });
    scrollTo(0, 0);
  }
  const shown = view;
  stop = follow(encodeURI(path), {
    operator: (about) => {
      operator(about);
      shown.operator(about);
    },
    all: (entries) => {
      updatedAt = new Date();
      shown.all(entries);
    },
    changed: (entries) => {
      updatedAt = new Date();
      shown.changed(entries);
    },
    connected: () => {
      showState('live', 'Live');
      show('connection', '');
    },
    lost: (reason, retryMs) => {
      const since = updatedAt ? ` Last update: ${updatedAt.toLocaleTimeString()}.` : '';
      showState('lost', 'Disconnected');
      const seconds = Math.round(retryMs / 1000);
      show('connection', `Disconnected from the operator, retrying in ${seconds} s. ${reason}.${since}`);
      shown.lost();
    },
  });
}

/** @param {{ name: string, version: string, leading: boolean, ready: boolean, page: string, time: string }} about */
function operator({ name, version, leading, ready, page: now, time }) {
  // A newer operator may send fields that this page does not know.
  if (page !== undefined && page !== now) location.reload();
  page = now;
  updatedAt = new Date();
  setClock(time);
  show('operator', `${name} ${version}`.trim());
  show('role', leading ? '' : 'standby');
  const notice = !ready
    ? 'The operator has just started and is still filling its caches; this page is incomplete.'
    : !leading
      ? 'This operator is a standby; another one is the leader. Both watch the cluster, so this page is up to date.'
      : '';
  show('notice', notice);
  refreshAges();
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

addEventListener('hashchange', (event) => {
  // `#main` is a place in this page, not another view.
  if (location.hash === '#main') history.replaceState(null, '', new URL(event.oldURL).hash || '#/');
  else open(true);
});
setInterval(() => {
  refreshAges();
  view.tick();
}, TICK_MS);
open(false);
