import { writeFile } from 'node:fs/promises';
import { MANIFESTS } from './manifests.ts';

for (const [path, text] of Object.entries(MANIFESTS)) await writeFile(path, text);
