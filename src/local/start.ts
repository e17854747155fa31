import { requireNode } from '../package/require-node.ts';

if (requireNode('npm start')) await import('./start-program.ts');
