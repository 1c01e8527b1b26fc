/** Entry of `npm run test:outage`: runs test/crash/outage from its sources, against the built broker. */
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import '../test/support/register-typescript.js';

const { main } = await import('../test/crash/outage/main.ts');
process.exit(await main(process.argv.slice(2), fileURLToPath(new URL('..', import.meta.url))));
