import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { commandReference } from '../../../src/adapters/cli/command-reference.js';
import { openApiDocument } from '../../../src/adapters/http/openapi-document.js';

const textOf = (file: string) => readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
const { version } = JSON.parse(textOf('package.json')) as { version: string };

test('docs/openapi.json is what the routes say, and valid', async () => {
  const written = JSON.parse(textOf('docs/openapi.json')) as Record<string, unknown>;
  expect(written).toEqual(JSON.parse(JSON.stringify(await openApiDocument(version))));
  expect(await new Validator().validate(written)).toEqual({ valid: true });
  expect(written['openapi']).toBe('3.1.0');
});

test('docs/command-line.md is what the commands say', () => {
  expect(textOf('docs/command-line.md')).toBe(commandReference());
});
