import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../../src/package/package-root.ts';
import { type LoadCase, loadPlot, loadTable } from '../../support/load/report.ts';
import { totalsTable } from '../../support/load/totals.ts';

/** Where `npm run e2e` leaves its figures. */
const FOLDER = join(packageRoot(), 'dist', 'e2e');

/** Prints tables, and writes them with a title to dist/e2e. @param images Markdown that is not printed */
export async function writeReport(name: string, tables: string, images = ''): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  await writeFile(join(FOLDER, `${name}.md`), `# ${name}\n\n${tables}${images}`);
  console.log(`\n${tables}`);
}

/** Reports what loads saw, with a plot of each. */
export async function writeLoadReport(name: string, cases: readonly LoadCase[]): Promise<void> {
  const plots = cases.map((one, index) => [`${name}-${index + 1}.svg`, one] as const);
  const images = plots.map(([file, { title }]) => `\n![${title}](${file})\n`).join('');
  await writeReport(name, `${totalsTable(cases)}\n${loadTable(cases)}`, images);
  await Promise.all(plots.map(([file, one]) => writeFile(join(FOLDER, file), loadPlot(one))));
}
