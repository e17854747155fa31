import { abortable } from '../../operator/async/abortable.ts';
import { type BinaryName, ensureBinaries } from '../../operator/testkit/index.ts';
import type { Lifetime } from '../terminal/lifetime.ts';
import { progressText } from './progress-text.ts';
import type { Step } from './steps.ts';

/** The step that finds, downloads or builds binaries. @param found called with their paths by name */
export function binariesStep(
  names: readonly BinaryName[],
  lifetime: Lifetime,
  found: (binaries: ReadonlyMap<string, string>) => void,
): Step {
  const { signal } = lifetime;
  return {
    title: 'Get the Kubernetes binaries (takes minutes the first time only)',
    run: async (report) => {
      report(`looking for ${names.join(', ')}`);
      const finding = ensureBinaries(names, { signal, onProgress: (progress) => report(progressText(progress)) });
      // If interrupted, it still has to remove its lock and partial files.
      lifetime.onEnd('the search for binaries', () => finding.catch(() => {}));
      found(await abortable(finding, signal));
    },
  };
}
