import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { printError, printText } from '../terminal/write.ts';
import { NameError, type ProjectNames, projectNames } from './names.ts';
import { projectFiles } from './project.ts';

const USAGE = `restapi-operator init: creates the project of a new operator.

Usage: restapi-operator init NAME [options]
  NAME            name of the operator and of the folder to create, such as guestbook-operator
  --kind KIND     kind of its custom resource; default: NAME without -operator, such as Guestbook
  --group GROUP   API group of that resource; default: example.com
  --help          this text
`;

/** Creates a project in a new folder of the current one. @returns the exit code */
export async function init(args: string[]): Promise<number> {
  try {
    const { values, positionals } = parse(args);
    printText(values.help ? USAGE : await create(positionals, values));
    return 0;
  } catch (error) {
    const more = error instanceof NameError ? '; restapi-operator init --help lists the options' : '';
    printError(`error: ${(error as Error).message}${more}`);
    return 2;
  }
}

/** @returns what to print @throws NameError, and Error where files cannot be read or written */
async function create([name, ...more]: string[], given: { kind?: string; group?: string }): Promise<string> {
  if (name === undefined) throw new NameError('the name of the operator is missing');
  if (more.length > 0) throw new NameError(`unexpected argument "${more[0]}"`);
  const names = projectNames(name, given);
  const files = await projectFiles(names);
  await refuseUsed(name);
  for (const [path, text] of Object.entries(files)) {
    const target = join(name, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
  }
  return summary(names, Object.keys(files).length);
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { kind: { type: 'string' }, group: { type: 'string' }, help: { type: 'boolean' } },
    });
  } catch (error) {
    throw new NameError((error as Error).message);
  }
}

/** @throws Error if the folder has anything in it: no file of a user is overwritten */
async function refuseUsed(folder: string): Promise<void> {
  const found = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (found.length > 0) throw new Error(`the folder ${folder} is not empty: choose another name, or remove it`);
}

function summary({ operator, kind, plural, group }: ProjectNames, files: number): string {
  return `Created ${operator}: ${files} files, for the kind ${kind} (${plural}.${group}).

  cd ${operator}
  npm install
  npm test           # reconciles a first ${kind} on a Kubernetes API server of its own

README.md says what to do next.
`;
}
