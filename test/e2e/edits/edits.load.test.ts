import { describeEdits } from './describe-edits.ts';

describeEdits({ sequences: 50, parallel: 6 });
