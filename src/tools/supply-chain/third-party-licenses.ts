import type { BundleContents } from './bundle-contents.ts';
import { licenseTexts } from './license-texts.ts';

/**
 * Returns the text file that must be passed on with a bundle: its packages, and the texts of their licenses, each once.
 *
 * @param what the bundle, for the heading
 * @param root folder to which the folders of the packages are relative
 * @throws Error if a package has no license text
 */
export function thirdPartyLicenses(what: string, { packages }: BundleContents, root: string): string {
  const byText = new Map<string, string[]>();
  for (const one of packages) {
    for (const text of licenseTexts(root, one)) {
      byText.set(text, [...(byText.get(text) ?? []), `${one.name} ${one.version}`]);
    }
  }
  const list = packages.map(({ name, version, license }) => `  ${name} ${version} (${license})`);
  return [
    `Third-party software in ${what}\n\nIt contains code of these packages. Their licenses follow.\n\n${list.join('\n')}\n`,
    ...[...byText].map(([text, names]) => `${RULE}\n${names.join('\n')}\n\n${text}\n`),
  ].join('\n');
}

const RULE = '-'.repeat(80);
