// The page: what is looked at, and whether it is still true.
import { Fleet } from './fleet.js';
import { OneRestApi } from './rest-api.js';
import { follow } from './stream.js';
import { refreshAges, setClock } from './time.js';

const TICK_MS = 5_000;
/** Those who do not see the page are not told more often, milliseconds. */
const ANNOUNCE_MS = 3_000;

/** @param {string} id */
const find = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const main = find('main');

/** @type {(() => void) | undefined} */
let stop;
/** The version of this page, as the operator named it first. @type {string | undefined} */
let page;
/** @type {Date | undefined} */
let heardAt;
/** @type {Fleet | OneRestApi} */
let view;

/** What they are told next. @type {string | undefined} */
let toTell;

/** @param {string} text */
function announce(text) {
  if (toTell === undefined) {
    setTimeout(() => {
      show('announce', toTell ?? '');
      toTell = undefined;
    }, ANNOUNCE_MS);
  }
  toTell = text;
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

/** Shows what the address says. @param {boolean} moved whether somebody came here from within the page */
function open(moved) {
  stop?.();
  const [, namespace, name] = /^#\/([^/]+)\/([^/]+)$/.exec(location.hash) ?? [];
  const path = namespace && name ? `events/restapis/${decoded(namespace)}/${decoded(name)}` : 'events/restapis';
  view = namespace && name ? new OneRestApi(decoded(namespace), decoded(name), announce) : new Fleet(announce);
  main.replaceChildren(view.element);
  document.title = `${view.title} · RestAPI operator`;
  if (moved) {
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
      heardAt = new Date();
      shown.all(entries);
    },
    changed: (entries) => {
      heardAt = new Date();
      shown.changed(entries);
    },
    connected: () => {
      showState('live', 'Live');
      show('connection', '');
    },
    lost: (reason, retryMs) => {
      const since = heardAt ? ` What is shown is from ${heardAt.toLocaleTimeString()}.` : '';
      showState('lost', 'Disconnected');
      const seconds = Math.round(retryMs / 1000);
      show('connection', `Disconnected from the operator, retrying in ${seconds} s. ${reason}.${since}`);
      shown.lost();
    },
  });
}

/** @param {{ name: string, version: string, leading: boolean, ready: boolean, page: string, time: string }} about */
function operator({ name, version, leading, ready, page: now, time }) {
  // A newer operator may say things that this page does not know.
  if (page !== undefined && page !== now) location.reload();
  page = now;
  heardAt = new Date();
  setClock(time);
  show('operator', `${name} ${version}`.trim());
  show('role', leading ? '' : 'standby');
  const notice = !ready
    ? 'The operator has just started and is still reading the cluster: not everything is shown yet.'
    : !leading
      ? 'This operator stands by and another one works. What is shown is as true: both follow the cluster.'
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
  // `#main` is a place in the page, and no other page.
  if (location.hash === '#main') history.replaceState(null, '', new URL(event.oldURL).hash || '#/');
  else open(true);
});
setInterval(() => {
  refreshAges();
  view.tick();
}, TICK_MS);
open(false);
