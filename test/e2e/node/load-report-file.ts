import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../../src/package/package-root.ts';
import { type LoadCase, loadPlot, loadTable } from '../../support/load/report.ts';
import { totalsTable } from '../../support/load/totals.ts';

/** Where `npm run e2e` leaves its figures. */
const FOLDER = join(packageRoot(), 'dist', 'e2e');

/** Prints what loads saw as tables, and writes them with a plot of each to dist/e2e. */
export async function writeLoadReport(name: string, cases: readonly LoadCase[]): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const tables = `${totalsTable(cases)}\n${loadTable(cases)}`;
  const plots = cases.map((one, index) => [`${name}-${index + 1}.svg`, one] as const);
  await Promise.all(plots.map(([file, one]) => writeFile(join(FOLDER, file), loadPlot(one))));
  const images = plots.map(([file, { title }]) => `![${title}](${file})\n`).join('\n');
  await writeFile(join(FOLDER, `${name}.md`), `# ${name}\n\n${tables}\n${images}`);
  console.log(`\n${tables}`);
}
