/**
 * Lets a plain `node --import` run the TypeScript sources, for tests that need a process of their own:
 * one to kill, or one that runs as another user.
 */
import { register } from 'node:module';

register('./typescript-hooks.js', import.meta.url);
