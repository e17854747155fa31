import type { KubernetesObject } from '../../operator/index.ts';
import { COMPONENTS } from '../../resources/index.ts';
import { tableLines } from '../terminal/table-lines.ts';
import { oneLine, YELLOW } from '../terminal/text.ts';
import type { Viewport } from '../terminal/viewport.ts';
import { age } from './age.ts';

/** The fields of an Event (core v1) that the list needs. */
export interface EventFields extends KubernetesObject {
  involvedObject: { kind?: string; name?: string };
  type?: string;
  reason?: string;
  message?: string;
  count?: number;
  eventTime?: string | null;
  lastTimestamp?: string | null;
  series?: { count?: number; lastObservedTime?: string };
}

/**
 * Whether an Event is about a RestAPI or one of its generated objects. Decides by name, as the Event of a deleted pod has
 * nothing else. A ReplicaSet's name is that of its Deployment and a hash, a pod's that and five characters more.
 */
export function concerns(restapi: string, { involvedObject: { kind, name = '' } }: EventFields): boolean {
  if (kind === 'RestAPI') return name === restapi;
  if (!name.startsWith(`${restapi}-`)) return false;
  const ending = { ReplicaSet: '-[a-z0-9]+', Pod: '-[a-z0-9]+-[a-z0-9]+' }[kind ?? ''] ?? '';
  return new RegExp(`^(${COMPONENTS.join('|')})${ending}$`).test(name.slice(restapi.length + 1));
}

/** Time of the last occurrence, RFC 3339. */
export function lastSeen({ series, lastTimestamp, eventTime, metadata }: EventFields): string {
  return series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata?.creationTimestamp ?? '';
}

/** The lines of a table of Events, oldest first. */
export function eventListOf(
  events: readonly EventFields[],
  now: Date,
  viewport: Pick<Viewport, 'width' | 'colour'>,
): string[] {
  const sorted = [...events].sort((a, b) => Date.parse(lastSeen(a)) - Date.parse(lastSeen(b)));
  const rows = sorted.map((event) => {
    const { type = '', reason = '', message = '', involvedObject, series, count = 1 } = event;
    const times = series?.count ?? count;
    const cells = [
      age(lastSeen(event), now),
      type,
      oneLine(reason),
      `${involvedObject.kind} ${involvedObject.name}`,
      `${oneLine(message)}${times > 1 ? ` (${times} times)` : ''}`,
    ];
    return { cells, colour: type === 'Warning' ? YELLOW : undefined };
  });
  return tableLines(['LAST SEEN', 'TYPE', 'REASON', 'OBJECT', 'MESSAGE'], rows, viewport);
}
