import { mkdtempSync } from 'node:fs';
import { SupervisorClient } from '../../operator/testkit/supervisor-client.ts';
const d = mkdtempSync('/tmp/zzdeno-');
const s = new SupervisorClient(d);
console.log(await s.start({ name: 'a', file: '/usr/bin/sleep', args: ['1000'], logFile: d + '/a.log' }), s.pid);
await new Promise(r => setTimeout(r, 300));
console.log('stopping');
await s.shutdown();
console.log('stopped');
