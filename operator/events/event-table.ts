import type { EventInput } from './event-recorder.ts';

/** Reasons of Events, and when each is written. Reference pages are made of it. */
export type EventTable = Readonly<Record<string, { readonly type: string; readonly when: string }>>;

/** An Event whose reason is in the table. */
export type EventOf<Table extends EventTable> = EventInput & { reason: keyof Table & string };
