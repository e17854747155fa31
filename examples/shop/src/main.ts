import { Component } from './component.ts';
import { readSettings } from './settings.ts';

// One image, four components: COMPONENT says which one this process is.
try {
  const starting = Component.start(readSettings(process.env), { env: process.env });
  // Before it has started: the first process of a container ignores signals without a listener.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, async () => {
      await (await starting).drain();
      process.exit();
    });
  }
  await starting;
} catch (error) {
  process.stderr.write(`error: ${(error as Error).message}\n`);
  process.exit(1);
}
