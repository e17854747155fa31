import { describeEdits } from './describe-edits.ts';

describeEdits({ sequences: 3, parallel: 3 });
