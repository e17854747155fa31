import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BundledPackage } from './bundle-contents.ts';

const LICENSE_FILE = /^(?:(?:un)?licen[sc]e|copying|copyright|notice)(?!.*\.(?:[cm]?[jt]s|json)$)/i;

/** Packages that are published without the text of their license, by `name@version`, and the copyright line for it. */
const WITHOUT_TEXT: Readonly<Record<string, string>> = {
  // From the "author" of its package.json.
  'tr46@0.0.3': 'Copyright (c) Sebastian Mayr',
};

/**
 * Returns the texts of a package's license, copyright and notice files; without such files, the license section of its README.
 *
 * @param root folder to which the folder of the package is relative
 * @throws Error naming the package if it has neither
 */
export function licenseTexts(root: string, { name, version, license, folder }: BundledPackage): string[] {
  const files = readdirSync(join(root, folder)).sort();
  const read = (file: string) => normalize(readFileSync(join(root, folder, file), 'utf8'));
  const texts = files.filter((file) => LICENSE_FILE.test(file)).map(read);
  if (texts.length > 0) return texts;
  const sections = files.filter((file) => /^readme/i.test(file)).flatMap((file) => licenseSection(read(file)));
  if (sections.length > 0) return sections;
  const copyright = WITHOUT_TEXT[`${name}@${version}`];
  if (copyright && license === 'MIT') return [mitLicense(copyright)];
  throw new Error(
    `${name} ${version} in the bundle has no license text: add its copyright line to WITHOUT_TEXT in ` +
      'src/tools/supply-chain/license-texts.ts',
  );
}

/** The license section of a README, if it has the text of a license and not only its name. */
function licenseSection(readme: string): string[] {
  const section = /^#*[ \t]*licen[sc]e[ \t]*\n(?:[-=]+\n)?\n*((?:(?!#).*(?:\n|$))*)/im.exec(readme)?.[1]?.trim();
  if (!section?.includes('Permission is hereby granted')) return [];
  return [section.replaceAll('&lt;', '<').replaceAll('&gt;', '>')];
}

function normalize(text: string): string {
  return text
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n')
    .replace(/[ \t]+$/gm, '')
    .trim();
}

function mitLicense(copyright: string): string {
  return `MIT License

${copyright}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software
is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES
OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE
LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR
IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;
}
