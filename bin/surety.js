#!/usr/bin/env node
import { existsSync } from 'node:fs';
import process from 'node:process';

const main = new URL('../dist/main.js', import.meta.url);

if (existsSync(main)) {
  await import(main.href);
} else {
  console.error('surety: the broker has not been built yet: run `npm run build` first, or `npm start`');
  process.exitCode = 1;
}
