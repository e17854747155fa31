import { keyOf, type StoredObject } from '../../operator/index.ts';
import type { RestAPI } from '../../resources/index.ts';
import { fitHeight } from '../terminal/fit-height.ts';
import { PHASE_COLOURS } from '../terminal/phase-colours.ts';
import { cutEnd, cutStart, GREY, oneLine, pad, paint, widthOf, YELLOW } from '../terminal/text.ts';
import type { Viewport } from '../terminal/viewport.ts';
import { type ComponentRow, isComplete, ObservedIndex } from './component-rows.ts';
import type { Observed } from './observed.ts';

/** Phases whose RestAPIs may be shortened to one line. */
const QUIET_PHASES = new Set(['Ready', 'Stopped']);
const TITLES = ['COMPONENT', 'READY', 'SERVICE', 'IMAGE', 'PODS'];
const IMAGE = TITLES.indexOf('IMAGE');
/** Columns reserved for the pods, so that the image column keeps its width: `1 Pending, 2 Running`. */
const PODS_WIDTH = 20;
/** Shorter images would be unreadable. */
const MIN_IMAGE_WIDTH = 10;

/**
 * The lines of all RestAPIs and their components. Pure.
 *
 * If they do not fit, quiet RestAPIs are shortened to one line, last ones first. Lines that still do not fit are hidden
 * and counted.
 */
export function viewOf(observed: Observed, viewport: Viewport): string[] {
  if (observed.restapis.length === 0)
    return [cutEnd('No RestAPI yet. It will appear here once created.', viewport.width)];
  const index = new ObservedIndex(observed);
  const apis = [...observed.restapis].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const blocks = apis.map((api) => blockOf(api, index, viewport));
  for (let at = blocks.length - 1; at >= 0 && heightOf(blocks) > viewport.height; at--) {
    if (QUIET_PHASES.has(phaseOf(apis[at]))) blocks[at] = blocks[at]?.slice(0, 1) ?? [];
  }
  return fitHeight(withGaps(blocks), viewport);
}

function blockOf(api: StoredObject<RestAPI>, index: ObservedIndex, { width, colour }: Viewport): string[] {
  const { replicas = 0, readyReplicas = 0, conditions = [] } = api.status ?? {};
  const phase = phaseOf(api);
  const name = cutEnd(`RestAPI ${keyOf(api)}  `, width);
  const shownPhase = cutEnd(phase, width - widthOf(name));
  const numbers = cutEnd(`  ${readyReplicas}/${replicas} pods ready`, width - widthOf(name) - widthOf(shownPhase));
  const message = conditions.find(({ type }) => type === 'Ready')?.message ?? 'The operator has not reconciled it yet';
  return [
    `${name}${paint(shownPhase, PHASE_COLOURS[phase], colour)}${numbers}`,
    cutEnd(`  ${oneLine(message)}`, width),
    ...tableOf(index.rowsOf(api), { width, colour }),
  ];
}

function tableOf(rows: readonly ComponentRow[], { width, colour }: Pick<Viewport, 'width' | 'colour'>): string[] {
  if (rows.length === 0) return [];
  const cells = [TITLES, ...rows.map(cellsOf)];
  const widths = TITLES.map((_, column) => Math.max(...cells.map((row) => widthOf(row[column] ?? ''))));
  const others = widths.slice(0, IMAGE).reduce((sum, each) => sum + each + 2, 2);
  const imageWidth = Math.max(MIN_IMAGE_WIDTH, width - others - 2 - PODS_WIDTH);
  widths[IMAGE] = Math.min(widths[IMAGE] ?? 0, imageWidth);
  return cells.map((row, at) => {
    // Images differ at their end.
    const fitted = row.map((text, column) =>
      pad(column === IMAGE ? cutStart(text, imageWidth) : text, widths[column] ?? 0),
    );
    const shown = cutEnd(`  ${fitted.join('  ')}`.trimEnd(), width);
    const component = rows[at - 1];
    if (component === undefined) return paint(shown, GREY, colour);
    return paint(shown, isComplete(component) ? undefined : YELLOW, colour);
  });
}

function cellsOf({ component, ready, service, image, pods }: ComponentRow): string[] {
  const known = (text: string) => (text === 'unknown' ? '?' : text);
  return [
    component,
    typeof ready === 'string' ? known(ready) : `${ready.is}/${ready.desired}`,
    known(service),
    oneLine(image),
    pods === 'unknown' ? '?' : [...pods].map(([state, count]) => `${count} ${oneLine(state)}`).join(', ') || 'none',
  ];
}

function phaseOf(api: StoredObject<RestAPI> | undefined): string {
  return oneLine(api?.status?.phase ?? 'Pending');
}

/** Whether an empty line precedes a block. Blocks of one line have none between them. */
function hasGap(blocks: readonly string[][], at: number): boolean {
  return at > 0 && ((blocks[at]?.length ?? 0) > 1 || (blocks[at - 1]?.length ?? 0) > 1);
}

function withGaps(blocks: readonly string[][]): string[] {
  return blocks.flatMap((lines, at) => (hasGap(blocks, at) ? ['', ...lines] : lines));
}

function heightOf(blocks: readonly string[][]): number {
  return blocks.reduce((sum, lines, at) => sum + lines.length + (hasGap(blocks, at) ? 1 : 0), 0);
}
