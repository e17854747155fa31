import type { StoredObject } from '../../operator/index.ts';
import type { ReleaseRecord, RestAPI } from '../../resources/index.ts';
import { columns } from '../terminal/columns.ts';
import type { Look } from '../terminal/look.ts';
import { styledLine } from '../terminal/styled-line.ts';
import { GREY, oneLine, YELLOW } from '../terminal/text.ts';
import { age } from './age.ts';
import type { KeptRevision } from './past.ts';

/** The releases of a RestAPI. This is what `-o json` shows. */
export interface History {
  namespace: string;
  name: string;
  /** The newest first. */
  releases: readonly ReleaseRecord[];
  /** Those that can be gone back to, the newest first. */
  revisions: readonly (KeptRevision & { role?: string })[];
}

/** Its releases, and its revisions with where they are now. */
export function historyOf({ metadata, status }: StoredObject<RestAPI>, kept: readonly KeptRevision[]): History {
  const roles = new Map(
    (status?.environments ?? []).map(({ revision, role, name }) => [
      revision,
      role === 'idle' ? name : `${role} in ${name}`,
    ]),
  );
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    releases: status?.history ?? [],
    revisions: kept.map((each) => {
      const role = roles.get(each.name);
      return { ...each, ...(role && { role }) };
    }),
  };
}

/** The lines of two tables. */
export function historyLines(
  { namespace, name, releases, revisions }: History,
  now: Date,
  look: Pick<Look, 'width' | 'colour'>,
): string[] {
  if (releases.length === 0 && revisions.length === 0) {
    return [
      styledLine(
        [`RestAPI ${namespace}/${name} has no releases: they are written down with spec.blueGreen.enabled`],
        look,
      ),
    ];
  }
  const known = releases.some(({ by }) => by !== undefined);
  const ended = releases.map(({ at, by = '-', result, revision, image, message }) => ({
    bad: result === 'Aborted' || result === 'RolledBack',
    cells: [`${age(at, now)} ago`, ...(known ? [oneLine(by)] : []), result, revision, oneLine(image), oneLine(message)],
  }));
  const kept = revisions.map(({ name: revision, number, image, createdAt, role = '-' }) => ({
    bad: false,
    cells: [String(number), revision, `${age(createdAt, now)} ago`, role, oneLine(image)],
  }));
  return [
    ...table(['WHEN', ...(known ? ['WHO'] : []), 'RESULT', 'REVISION', 'IMAGE', 'MESSAGE'], ended, look),
    ...(ended.length > 0 && kept.length > 0 ? [''] : []),
    ...table(['NUMBER', 'REVISION', 'MADE', 'NOW', 'IMAGE'], kept, look),
  ];
}

function table(
  titles: readonly string[],
  rows: readonly { bad: boolean; cells: readonly string[] }[],
  look: Pick<Look, 'width' | 'colour'>,
): string[] {
  if (rows.length === 0) return [];
  const [head = [], ...body] = columns([titles, ...rows.map(({ cells }) => cells)]);
  return [
    styledLine([[head.join(''), GREY]], look),
    ...body.map((cells, at) => styledLine([[cells.join(''), rows[at]?.bad ? YELLOW : undefined]], look)),
  ];
}
