/** Entry of `npm run test:docs`: runs the commands of the documentation, against the built broker. */
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import '../test/support/register-typescript.js';

const { main } = await import('../test/docs/main.ts');
process.exit(await main(process.argv.slice(2), fileURLToPath(new URL('..', import.meta.url))));
