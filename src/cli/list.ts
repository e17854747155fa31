import { PHASE_COLOURS } from '../terminal/phase-colours.ts';
import { styledLine } from '../terminal/styled-line.ts';
import { tableLines } from '../terminal/table-lines.ts';
import { oneLine } from '../terminal/text.ts';
import type { Viewport } from '../terminal/viewport.ts';
import { age } from './age.ts';
import type { Summary } from './report.ts';

/**
 * The lines of a table with a row for each RestAPI.
 * @param namespace the namespace of all of them; undefined adds a column NAMESPACE
 */
export function listOf(
  summaries: readonly Summary[],
  namespace: string | undefined,
  now: Date,
  viewport: Pick<Viewport, 'width' | 'colour'>,
): string[] {
  if (summaries.length === 0) {
    return [
      styledLine([`No RestAPI in ${namespace === undefined ? 'any namespace' : `namespace ${namespace}`}`], viewport),
    ];
  }
  const where = (cell: string) => (namespace === undefined ? [cell] : []);
  const titles = [...where('NAMESPACE'), 'NAME', 'PHASE', 'READY', 'AGE', 'MESSAGE'];
  const rows = summaries.map((each) => ({
    cells: [
      ...where(each.namespace),
      each.name,
      [oneLine(each.phase), PHASE_COLOURS[each.phase]] as const,
      `${each.readyReplicas}/${each.replicas}`,
      age(each.createdAt, now),
      messageOf(each),
    ],
  }));
  return tableLines(titles, rows, viewport);
}

function messageOf({ conditions, upToDate }: Summary): string {
  const ready = conditions.find(({ type }) => type === 'Ready');
  if (!ready) return 'The operator has not reconciled it yet';
  return upToDate ? oneLine(ready.message) : 'The operator has not reconciled the latest change yet';
}
