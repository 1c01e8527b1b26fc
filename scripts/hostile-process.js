/** Entry of the processes of `npm run test:hostile`: `canary PORT`, or an attack with what it needs to know. */
import process from 'node:process';

import '../test/support/register-typescript.js';

const { runProcess } = await import('../test/hostile/process.ts');
await runProcess(process.argv.slice(2));
process.exit(0);
