#!/usr/bin/env node
import { requireNode } from '../package/require-node.ts';

if (requireNode('kubectl_complete-restapi')) await import('./complete-program.ts');
