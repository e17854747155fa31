#!/usr/bin/env node
import { requireNode } from './package/require-node.ts';

if (requireNode('restapi-operator')) await import('./command/main-program.ts');
