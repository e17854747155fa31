import { printText } from '../terminal/write.ts';
import { complete } from './complete.ts';

// The protocol of kubectl: a word a line, then a number. https://github.com/kubernetes/kubernetes/pull/105867
const NO_FILES = 4;
const FILES = 0;

const found = await complete(process.argv.slice(2));
const lines = found === 'files' ? [`:${FILES}`] : [...found, `:${NO_FILES}`];
printText(lines.map((line) => `${line}\n`).join(''), () => process.exit());
