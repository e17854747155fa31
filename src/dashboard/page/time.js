// Ages by the operator's clock; the clock of the browser's machine may differ.
import { h } from './dom.js';

let aheadMs = 0;

/** @param {string} serverTime the operator's time now, RFC 3339 */
export function setClock(serverTime) {
  aheadMs = Date.parse(serverTime) - Date.now();
}

/** Now by the operator's clock, milliseconds since 1970. */
export function now() {
  return Date.now() + aheadMs;
}

/**
 * Formats a duration as kubectl does: `45s`, `3m20s`, `5h`.
 * @param {number} ms
 */
export function span(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return seconds % 60 ? `${minutes}m${seconds % 60}s` : `${minutes}m`;
  if (minutes < 120) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`;
}

/**
 * An element with the time since a moment; refreshAges() keeps it current.
 * @param {string} since RFC 3339
 */
export function age(since) {
  if (!Number.isFinite(Date.parse(since))) return '';
  return h('time', { datetime: since, title: new Date(since).toLocaleString() }, span(now() - Date.parse(since)));
}

/** Updates every age on the page. */
export function refreshAges() {
  for (const element of document.querySelectorAll('time')) {
    const text = span(now() - Date.parse(element.dateTime));
    if (element.textContent !== text) element.textContent = text;
  }
}
