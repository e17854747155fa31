#!/usr/bin/env node
import { requireNode } from './package/require-node.ts';

if (requireNode('restapi-operator')) {
  if (process.argv[2] === 'init') {
    const { init } = await import('./init/init.ts');
    process.exitCode = await init(process.argv.slice(3));
  } else {
    await import('./command/main-program.ts');
  }
}
