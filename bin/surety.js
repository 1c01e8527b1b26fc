#!/usr/bin/env node
import { existsSync } from 'node:fs';
import process from 'node:process';
import { setFlagsFromString } from 'node:v8';

/*
 * V8 compacts the heap some seconds after it has grown, as soon as the process looks idle, and takes 10 ms and more for it
 * while clients wait (docs/adr/0026). The delay is made as long as it can be. It counts from one collection on to
 * the next, so this comes before there is much to collect: before the broker is loaded.
 */
setFlagsFromString('--gc-memory-reducer-start-delay-ms=2147483647');

const main = new URL('../dist/main.js', import.meta.url);

if (existsSync(main)) {
  await import(main.href);
} else {
  console.error('surety: the broker has not been built yet: run `npm run build` first, or `npm start`');
  process.exitCode = 1;
}
