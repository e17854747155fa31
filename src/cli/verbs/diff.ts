import { ArgumentError } from '../../terminal/argument-error.ts';
import { changeLines, changesOf } from '../changes.ts';
import { dryRun } from '../dry-run.ts';
import { kindStates } from '../kind-states.ts';
import { findRestApi } from '../observe.ts';
import { readRestApis } from '../read-rest-apis.ts';
import { NO, type Verb, YES } from '../verb.ts';

/** `kubectl restapi diff -f FILE` */
export const diff: Verb = {
  name: 'diff',
  summary: 'Show what the operator would change if you applied the RestAPIs of a file',
  details: [
    'The output lists objects to create (+), to change (~, with the fields) and to delete (-), and conflicts (!). It shows no values and writes nothing. The file is taken as the complete spec; the content of ConfigMaps and Secrets is not compared. A RestAPI with blue-green releases cannot be compared.',
    'It requires the right to create or update restapis, as the API server validates and defaults the RestAPI in a dry run, and to read the generated kinds.',
  ],
  args: [],
  flags: ['filename'],
  requiredFlag: 'filename',
  examples: ['kubectl restapi diff -f shop.yaml'],
  no: 'there are differences',
  run: async ({ flags, screen, lifetime: { signal }, connect }) => {
    if (!flags.filename) throw new ArgumentError('diff requires -f FILE');
    const cluster = connect();
    let differs = false;
    for (const written of await readRestApis(flags.filename)) {
      const namespace = written.metadata.namespace ?? cluster.namespace;
      if (flags.namespace && namespace !== flags.namespace) {
        const { name } = written.metadata;
        throw new Error(
          `RestAPI ${name} in the file has namespace ${namespace}, but --namespace is ${flags.namespace}`,
        );
      }
      const target = { client: cluster.client, namespace };
      const current = await findRestApi(target, written.metadata.name, signal);
      const wanted = await dryRun(target, written, current, signal);
      const states = await kindStates(target, wanted, current, signal);
      const changes = states.flatMap((state) => changesOf(state, wanted.metadata.uid));
      screen.print(changeLines(wanted, changes));
      differs ||= changes.length > 0;
    }
    return differs ? NO : YES;
  },
};
