import { ArgumentError } from '../../terminal/arguments.ts';
import { changeLines, changesOf } from '../changes.ts';
import { dryRun } from '../dry-run.ts';
import { kindStates } from '../kind-states.ts';
import { findRestApi } from '../observe.ts';
import { readRestApis } from '../read-rest-apis.ts';
import { NO, type Verb, YES } from '../verb.ts';

/** `kubectl restapi diff -f FILE` */
export const diff: Verb = {
  name: 'diff',
  summary: 'what the operator would change if the RestAPIs of a file were applied',
  details: [
    'Objects that would be created (+), changed (~, with the fields) and deleted (-), and what is in the way (!).',
    'No values are shown. Nothing is written: the API server fills in defaults and checks in a dry run, for which it',
    'needs the right to create or update restapis; and it needs to read what is generated. The spec is taken to be just',
    'what the file says. What ConfigMaps and Secrets hold is not looked at.',
    'Exit code 1: there are differences.',
  ],
  args: [],
  flags: ['filename'],
  run: async ({ flags, screen, lifetime: { signal }, connect }) => {
    if (!flags.filename) throw new ArgumentError('diff needs -f FILE');
    const cluster = connect();
    let differs = false;
    for (const written of await readRestApis(flags.filename)) {
      const namespace = written.metadata.namespace ?? cluster.namespace;
      if (flags.namespace && namespace !== flags.namespace) {
        const { name } = written.metadata;
        throw new Error(
          `RestAPI ${name} of the file is in namespace ${namespace}, and --namespace is ${flags.namespace}`,
        );
      }
      const there = { client: cluster.client, namespace };
      const current = await findRestApi(there, written.metadata.name, signal);
      const wanted = await dryRun(there, written, current, signal);
      const states = await kindStates(there, wanted, current, signal);
      const changes = states.flatMap((state) => changesOf(state, wanted.metadata.uid));
      screen.print(changeLines(wanted, changes));
      differs ||= changes.length > 0;
    }
    return differs ? NO : YES;
  },
};
