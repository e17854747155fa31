import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { packageRoot } from '../package/package-root.ts';
import { NameError, type ProjectNames } from './names.ts';

/** The template is a complete project, of an operator named widget-operator for the kind Widget. */
const TEMPLATE = join('templates', 'operator');
const TEMPLATE_NAMES = /widget-operator|widgets|widget|Widget|example\.com/g;

/** npm leaves files of these names out of packages, or changes them. */
const DOT_FILES: Record<string, string> = { gitignore: '.gitignore', dockerignore: '.dockerignore' };

interface PackageJson {
  version: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  overrides?: Record<string, string>;
}

/**
 * Returns the files of a new operator project: text by path within its folder.
 *
 * @throws NameError if the kind is a name that the template's code already uses
 */
export async function projectFiles(names: ProjectNames): Promise<Record<string, string>> {
  const folder = join(packageRoot(), TEMPLATE);
  const own = JSON.parse(await readFile(join(packageRoot(), 'package.json'), 'utf8')) as PackageJson;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error) => {
    throw new Error(`cannot read ${folder}: run init from the npm package; the bundle has no templates`, {
      cause: error,
    });
  });
  const files: Record<string, string> = {};
  for (const entry of entries) {
    const path = relative(folder, join(entry.parentPath, entry.name));
    if (!entry.isFile() || /^(node_modules|dist)\b/.test(path)) continue;
    const text = await readFile(join(folder, path), 'utf8');
    if (path.endsWith('.ts')) refuseTaken(names.kind, text);
    const renamed = rename(text, names);
    files[DOT_FILES[path] ?? path] = path === 'package.json' ? pinVersions(renamed, own) : renamed;
  }
  return files;
}

function rename(text: string, { operator, kind, singular, plural, group }: ProjectNames): string {
  const names: Record<string, string> = {
    'widget-operator': operator,
    widgets: plural,
    widget: singular,
    Widget: kind,
    'example.com': group,
  };
  return text.replace(TEMPLATE_NAMES, (name) => names[name] ?? name);
}

function refuseTaken(kind: string, code: string): void {
  if (kind !== 'Widget' && new RegExp(`\\b${kind}\\b`).test(code)) {
    throw new NameError(`the kind ${kind} clashes with a name the generated code imports; choose another with --kind`);
  }
}

/** Gives the project this version of the framework, and the versions of all other packages that it was tested with. */
function pinVersions(text: string, own: PackageJson): string {
  const project = JSON.parse(text) as PackageJson;
  const known: Record<string, string> = {
    ...own.devDependencies,
    ...own.dependencies,
    'restapi-operator': `^${own.version}`,
  };
  const pin = (versions: Record<string, string> = {}) =>
    Object.fromEntries(Object.entries(versions).map(([name, version]) => [name, known[name] ?? version]));
  const { dependencies, devDependencies, overrides } = project;
  const pinned = {
    ...project,
    dependencies: pin(dependencies),
    devDependencies: pin(devDependencies),
    overrides: pin(overrides),
  };
  return `${JSON.stringify(pinned, null, 2)}\n`;
}
