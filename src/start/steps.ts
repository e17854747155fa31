import { Listr } from 'listr2';

/** One thing to do before the table can be shown. */
export interface Step {
  title: string;
  /** @param say shows in a few words what is being done right now */
  run: (say: (text: string) => void) => Promise<void>;
}

/** Does the steps one after the other and shows which one it is at: with spinners on a terminal, line by line elsewhere. */
export async function runSteps(steps: readonly Step[]): Promise<void> {
  const tasks = steps.map(({ title, run }) => ({
    title,
    task: (_context: unknown, task: { output: string }) =>
      run((text) => {
        task.output = text;
      }),
    rendererOptions: { outputBar: 1 },
  }));
  await new Listr(tasks, { fallbackRenderer: 'verbose', registerSignalListeners: false }).run();
}
