import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../../src/package/package-root.ts';
import { type LoadCase, loadPlot, loadTable } from '../../support/load/report.ts';

/** Where `npm run e2e` leaves its figures. */
const FOLDER = join(packageRoot(), 'dist', 'e2e');

/** Prints what loads saw as a table, and writes it with a plot of each to dist/e2e. */
export async function writeLoadReport(name: string, cases: readonly LoadCase[]): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const table = loadTable(cases);
  const plots = cases.map((one, index) => [`${name}-${index + 1}.svg`, one] as const);
  await Promise.all(plots.map(([file, one]) => writeFile(join(FOLDER, file), loadPlot(one))));
  const images = plots.map(([file, { title }]) => `![${title}](${file})\n`).join('\n');
  await writeFile(join(FOLDER, `${name}.md`), `# ${name}\n\n${table}\n${images}`);
  console.log(`\n${table}`);
}
