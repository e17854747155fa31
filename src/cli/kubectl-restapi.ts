#!/usr/bin/env node
import { requireNode } from '../package/require-node.ts';

if (requireNode('kubectl-restapi')) await import('./plugin-program.ts');
