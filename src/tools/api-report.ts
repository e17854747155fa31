import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { packageRoot } from '../package/package-root.ts';

/** One exported name with its declarations (several: overloads), without comments. */
interface Exported {
  name: string;
  text: string;
  internal: boolean;
}

interface Statement {
  text: string;
  internal: boolean;
}

/** Stands for a doc comment with `@internal` once comments are removed. */
const INTERNAL = '\u0001';

/** The reports, by path within the package. Reads the declarations in `dist/`: build first. */
export function apiReports(): Record<string, string> {
  return {
    'operator/api.md': report('The API of the framework', [
      { title: 'restapi-operator/operator', entry: 'operator/index.d.ts' },
      { title: 'restapi-operator/operator/testkit', entry: 'operator/testkit/index.d.ts' },
    ]),
    'resources/api.md': report('The API of the resources', [
      { title: 'restapi-operator/resources', entry: 'resources/index.d.ts' },
    ]),
  };
}

function report(title: string, modules: { title: string; entry: string }[]): string {
  const sections = modules.map((module) => {
    const exported = exportsOf(join(packageRoot(), 'dist', module.entry));
    const block = (internal: boolean) => {
      const texts = exported.filter((one) => one.internal === internal).map(({ text }) => text);
      return texts.length > 0 ? ['```ts', texts.join('\n\n'), '```'].join('\n') : 'None.';
    };
    return `## ${module.title}\n\n${block(false)}\n\n### Internal\n\n${block(true)}\n`;
  });
  const note =
    'Generated from the declarations by `npm run generate`. Do not edit. A change here is a change of the API.';
  return [`# ${title}\n\n${note}\n`, ...sections].join('\n');
}

/** What a declaration file exports, by name. */
export function exportsOf(file: string): Exported[] {
  const found = new Map<string, Exported>();
  for (const statement of statementsOf(readFileSync(file, 'utf8'))) {
    for (const one of exportedBy(statement, file)) {
      const before = found.get(one.name);
      // The first is an overload, or what a type and a value of the same name share.
      found.set(one.name, before ? { ...one, text: `${before.text}\n${one.text}` } : one);
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function exportedBy({ text, internal }: Statement, file: string): Exported[] {
  const all = /^export \* from '(.+)';$/.exec(text);
  if (all) return exportsOf(resolve(file, all[1] as string));
  const list = /^export (type )?\{([\s\S]*)\}(?: from '(.+)')?;$/.exec(text);
  if (list) {
    const [, allTypes = '', names = '', from] = list;
    const declared = from?.startsWith('.') ? exportsOf(resolve(file, from)) : undefined;
    return names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
      .map((name) => {
        const bare = name.replace(/^type /, '');
        const known = declared?.find((one) => one.name === bare);
        if (declared && !known) throw new Error(`${file} exports ${bare}, which ${from} does not declare`);
        const isType = allTypes !== '' || bare !== name;
        return (
          known ?? {
            name: bare,
            internal: false,
            text: `export ${isType ? 'type ' : ''}{ ${bare} }${from ? ` from '${from}'` : ''};`,
          }
        );
      });
  }
  const declaration =
    /^export (?:declare )?(?:abstract )?(?:class|function|const|let|enum|interface|type|namespace) ([\w$]+)/.exec(text);
  if (!declaration) return [];
  const signature = text
    .replaceAll(INTERNAL_MEMBER, '')
    .replace('\n    #private;', '')
    .replace(/^export declare /, 'export ');
  return [{ name: declaration[1] as string, text: signature, internal }];
}

const INTERNAL_MEMBER = new RegExp(`\\n *${INTERNAL}\\n[^;]*;`, 'g');

function resolve(file: string, module: string): string {
  return join(dirname(file), module.replace(/\.[jt]s$/, '.d.ts'));
}

/** The top-level statements of a declaration file. tsc begins each in the first column and indents what is inside. */
function statementsOf(source: string): Statement[] {
  const statements: Statement[] = [];
  let internal = false;
  for (const line of withoutComments(source).split('\n')) {
    if (line === INTERNAL) internal = true;
    else if (/^(export|import|declare)\b/.test(line)) {
      statements.push({ text: line.trimEnd(), internal });
      internal = false;
    } else if (line.trim() !== '') {
      const last = statements.at(-1);
      if (last) last.text += `\n${line.trimEnd()}`;
    }
  }
  return statements;
}

function withoutComments(source: string): string {
  // Strings first: one of them may hold what looks like a comment.
  const tokens = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
  return source.replace(tokens, (token) => {
    if (!token.startsWith('/')) return token;
    return token.includes('@internal') ? INTERNAL : '';
  });
}
