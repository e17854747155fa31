import { Component } from './component.ts';
import { readSettings } from './settings.ts';

// One image, four components: COMPONENT says which one this process is.
try {
  const component = await Component.start(readSettings(process.env), { env: process.env });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, async () => {
      await component.drain();
      process.exit();
    });
  }
} catch (error) {
  process.stderr.write(`error: ${(error as Error).message}\n`);
  process.exit(1);
}
