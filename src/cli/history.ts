import type { StoredObject } from '../../operator/index.ts';
import type { ReleaseRecord, RestAPI } from '../../resources/index.ts';
import { concerns } from '../blue-green/decision-scope.ts';
import { styledLine } from '../terminal/styled-line.ts';
import { type TableRow, tableLines } from '../terminal/table-lines.ts';
import { oneLine, YELLOW } from '../terminal/text.ts';
import type { Viewport } from '../terminal/viewport.ts';
import { age } from './age.ts';
import type { KeptRevision } from './past.ts';

/** The releases of a RestAPI, in the format of `-o json`. */
export interface History {
  namespace: string;
  name: string;
  /** Newest first. */
  releases: readonly ReleaseRecord[];
  /** Revisions to roll back to, newest first. */
  revisions: readonly (KeptRevision & { role?: string; problem?: string })[];
}

/**
 * Collects the releases of a RestAPI, and its revisions with their environments.
 *
 * @param lost why new pods of a revision cannot be started, by its name.
 */
export function historyOf(
  { metadata, status }: StoredObject<RestAPI>,
  kept: readonly KeptRevision[],
  lost: ReadonlyMap<string, string> = new Map(),
): History {
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
      const isRejected = status?.rejections?.some((rejection) => concerns(rejection, each.name));
      const role = [roles.get(each.name), isRejected && 'rejected'].filter(Boolean).join(', ');
      const reason = lost.get(each.name);
      const problem = reason && `cannot be restored: ${reason}`;
      return { ...each, ...(role && { role }), ...(problem && { problem }) };
    }),
  };
}

/** The lines of two tables. */
export function historyLines(
  { namespace, name, releases, revisions }: History,
  now: Date,
  viewport: Pick<Viewport, 'width' | 'colour'>,
): string[] {
  if (releases.length === 0 && revisions.length === 0) {
    return [
      styledLine(
        [`RestAPI ${namespace}/${name} has no release history; it is recorded if spec.blueGreen.enabled is true`],
        viewport,
      ),
    ];
  }
  const known = releases.some(({ by }) => by !== undefined);
  const ended = releases.map(({ at, by = '-', result, revision, image, message }) => ({
    colour: result === 'Aborted' || result === 'RolledBack' ? YELLOW : undefined,
    cells: [`${age(at, now)} ago`, ...(known ? [oneLine(by)] : []), result, revision, oneLine(image), oneLine(message)],
  }));
  const hasProblem = revisions.some(({ problem }) => problem !== undefined);
  const kept = revisions.map(({ name: revision, number, image, createdAt, role = '-', problem }) => ({
    colour: problem === undefined ? undefined : YELLOW,
    cells: [
      ...[String(number), revision, `${age(createdAt, now)} ago`, role, oneLine(image)],
      ...(hasProblem ? [oneLine(problem ?? '-')] : []),
    ],
  }));
  return [
    ...table(['WHEN', ...(known ? ['WHO'] : []), 'RESULT', 'REVISION', 'IMAGE', 'MESSAGE'], ended, viewport),
    ...(ended.length > 0 && kept.length > 0 ? [''] : []),
    ...table(['NUMBER', 'REVISION', 'CREATED', 'ROLE', 'IMAGE', ...(hasProblem ? ['PROBLEM'] : [])], kept, viewport),
  ];
}

/** A table without rows takes no lines. */
function table(
  titles: readonly string[],
  rows: readonly TableRow[],
  viewport: Pick<Viewport, 'width' | 'colour'>,
): string[] {
  return rows.length === 0 ? [] : tableLines(titles, rows, viewport);
}
