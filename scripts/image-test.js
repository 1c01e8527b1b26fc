/** Entry of `npm run test:image`: plays the Dockerfile and the compose file. */
import process from 'node:process';
import { fileURLToPath } from 'node:url';

import '../test/support/register-typescript.js';

const { main } = await import('../test/image/main.ts');
process.exit(main(fileURLToPath(new URL('..', import.meta.url))));
