import { OPERATOR_FLAGS, OPERATOR_VARIABLES } from '../../command/operator-flags.ts';
import { START_FLAGS, START_VARIABLES } from '../../local/start-arguments.ts';
import { flagTable, generatedNote, page, shell, table, variableTable } from './markdown.ts';

/** The page docs/reference/operator-flags.md. */
export function flagsPage(): string {
  return page(
    `${generatedNote('src/command/operator-flags.ts and src/local/start-arguments.ts')}# Flags and environment variables`,
    '## restapi-operator',
    'The operator itself, as it runs in a cluster. A flag takes precedence over its environment variable.',
    shell(['restapi-operator [flags]']),
    flagTable(OPERATOR_FLAGS),
    variableTable(OPERATOR_VARIABLES),
    table(
      ['Exit code', 'Meaning'],
      [
        ['0', 'stopped by SIGINT or SIGTERM'],
        ['1', 'wrong flags, or the operator failed'],
      ],
    ),
    '## restapi-operator init',
    'Creates the project of a new operator: code, CRD, RBAC, Dockerfile, manifests and a test. See [Write your first operator](../tutorials/first-operator.md).',
    shell(['npx restapi-operator init NAME [options]']),
    table(
      ['Flag', 'Default', 'Description'],
      [
        ['`--kind KIND`', 'NAME without `-operator`', 'Kind of its custom resource.'],
        ['`--group GROUP`', '`example.com`', 'API group of that resource.'],
      ],
    ),
    table(
      ['Exit code', 'Meaning'],
      [
        ['0', 'the project was created'],
        ['2', 'wrong arguments, or the folder could not be written'],
      ],
    ),
    '## npm start',
    'Runs the operator on a local Kubernetes with a sample RestAPI, or with `--context` on an existing cluster. Flags follow `--`.',
    shell(['npm start', 'npm start -- --once', 'npm start -- --load', 'npm start -- --context NAME']),
    flagTable(START_FLAGS),
    variableTable(START_VARIABLES),
    table(
      ['Exit code', 'Meaning'],
      [
        ['0', 'stopped by Ctrl-C or a signal; with `--once`, the sample is ready'],
        ['1', 'error'],
        ['2', 'wrong flags'],
        ['129, 130, 143', 'with `--once`: interrupted by SIGHUP, SIGINT or SIGTERM'],
      ],
    ),
  );
}
