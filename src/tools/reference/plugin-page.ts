import { COMPONENTS } from '../../../resources/index.ts';
import { COMMON_FLAGS, tableOf } from '../../cli/flags.ts';
import { exitCodes, ownFlags, synopsis } from '../../cli/help.ts';
import type { Argument, Verb } from '../../cli/verb.ts';
import { VERBS } from '../../cli/verbs.ts';
import { code, flagTable, generatedNote, page, prose, shell, table } from './markdown.ts';

const ARGUMENTS: Record<Argument['names'], string> = {
  restapi: 'Name of a RestAPI.',
  component: `Component: ${COMPONENTS.map(code).join(', ')}.`,
  revision: 'Name of a revision, as listed by `kubectl restapi history`.',
  shell: 'Name of a shell.',
};

/** The page docs/reference/kubectl-restapi.md. */
export function pluginPage(): string {
  return page(
    `${generatedNote('the verbs in src/cli/verbs')}# kubectl restapi`,
    'A kubectl plugin that inspects RestAPIs and controls their releases. It is the program `kubectl-restapi` of this package and must be on the `PATH`. It uses the kubeconfig and the rights of the user who runs it.',
    shell(['kubectl restapi VERB [flags]']),
    table(
      ['Verb', 'Purpose'],
      VERBS.map((verb) => [`[${code(synopsis(verb))}](#${verb.name})`, `${verb.summary}.`]),
    ),
    '## Flags of every verb',
    flagTable(tableOf(COMMON_FLAGS)),
    '## Exit codes',
    table(
      ['Code', 'Meaning'],
      [
        ['0', 'success'],
        ['1', 'condition not met, differences found, or timed out; see the verb'],
        ['2', 'error: wrong arguments, object not found, missing rights, cluster not reachable'],
        ['129, 130, 143', 'stopped by SIGHUP, SIGINT or SIGTERM; with `--watch`, the code is 0'],
      ],
    ),
    ...VERBS.map(verbSection),
  );
}

function verbSection(verb: Verb): string {
  const args = verb.args.map(({ label, names, optional, many }) => [
    code(label),
    `${ARGUMENTS[names]}${optional ? ' Optional.' : ''}${many ? ' May be repeated.' : ''}`,
  ]);
  return [
    `## ${verb.name}`,
    `${verb.summary}.`,
    shell([`kubectl restapi ${synopsis(verb)} [flags]`]),
    ...verb.details.map(prose),
    ...(args.length > 0 ? [table(['Argument', 'Description'], args)] : []),
    ...(verb.flags.length > 0 ? [flagTable(ownFlags(verb))] : []),
    shell(verb.examples),
    `Exit codes: ${exitCodes(verb)
      .map(([value, meaning]) => `${value} ${prose(meaning)}`)
      .join('; ')}.`,
  ].join('\n\n');
}
