import { columns } from '../terminal/columns.ts';
import type { Look } from '../terminal/look.ts';
import { PHASE_COLOURS } from '../terminal/phase-colours.ts';
import { styledLine } from '../terminal/styled-line.ts';
import { GREY, oneLine } from '../terminal/text.ts';
import { age } from './age.ts';
import type { Summary } from './report.ts';

/**
 * The lines of a table of RestAPIs, one each.
 * @param namespace the one they are all in; undefined: a column says which
 */
export function listOf(
  summaries: readonly Summary[],
  namespace: string | undefined,
  now: Date,
  look: Pick<Look, 'width' | 'colour'>,
): string[] {
  if (summaries.length === 0) {
    return [
      styledLine([`No RestAPI in ${namespace === undefined ? 'any namespace' : `namespace ${namespace}`}`], look),
    ];
  }
  const where = (cell: string) => (namespace === undefined ? [cell] : []);
  const titles = [...where('NAMESPACE'), 'NAME', 'PHASE', 'READY', 'AGE', 'MESSAGE'];
  const phaseAt = titles.indexOf('PHASE');
  const rows = summaries.map((each) => [
    ...where(each.namespace),
    each.name,
    oneLine(each.phase),
    `${each.readyReplicas}/${each.replicas}`,
    age(each.createdAt, now),
    messageOf(each),
  ]);
  const [head = [], ...body] = columns([titles, ...rows]);
  return [
    styledLine([[head.join(''), GREY]], look),
    ...body.map((cells, row) => {
      const colour = PHASE_COLOURS[summaries[row]?.phase ?? ''];
      return styledLine(
        cells.map((cell, at) => (at === phaseAt ? [cell, colour] : cell)),
        look,
      );
    }),
  ];
}

function messageOf({ conditions, upToDate }: Summary): string {
  const ready = conditions.find(({ type }) => type === 'Ready');
  if (!ready) return 'The operator has not looked at it yet';
  return upToDate ? oneLine(ready.message) : 'The operator has not looked at the latest change yet';
}
