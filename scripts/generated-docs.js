/**
 * Writes documents that are generated: with `admin` docs/openapi.json from the routes of the admin API and
 * docs/command-line.md from the commands, with `config` docs/configuration.md and docs/configuration.schema.json from the
 * schema of the configuration, with `metrics` docs/metrics.md from their definitions, with `dashboards`
 * deploy/grafana/dashboards from deploy/grafana/source. Tests say whether they are current.
 * Exit codes: 0 written, 1 the build failed, 2 there are no such documents.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';

import { format } from 'prettier';

import { buildIfStale } from './build-if-stale.js';

const root = new URL('../', import.meta.url);

/** What makes the documents, by the script's argument: texts by their file's place. */
const GENERATORS = { admin: adminDocs, config: configDocs, dashboards, metrics: metricsDocs };

async function main(name) {
  const generate = GENERATORS[name];
  if (generate === undefined) {
    console.error(`use: generated-docs.js ${Object.keys(GENERATORS).join('|')}`);
    return 2;
  }
  if (buildIfStale().exitCode !== 0) return 1;
  for (const [file, text] of Object.entries(await generate())) writeFileSync(new URL(file, root), text);
  return 0;
}

async function adminDocs() {
  const { openApiDocument } = await import('../dist/adapters/http/openapi-document.js');
  const { commandReference } = await import('../dist/adapters/cli/command-reference.js');
  const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  const document = JSON.stringify(await openApiDocument(version));
  return {
    'docs/openapi.json': await format(document, { parser: 'json', printWidth: 110 }),
    'docs/command-line.md': commandReference(),
  };
}

async function configDocs() {
  const { configReference } = await import('../dist/adapters/config/config-reference.js');
  const { configJsonSchema } = await import('../dist/adapters/config/config-json-schema.js');
  return {
    'docs/configuration.md': configReference(),
    'docs/configuration.schema.json': configJsonSchema(),
  };
}

async function metricsDocs() {
  const { metricsReference } = await import('../dist/adapters/prometheus/metrics-reference.js');
  return { 'docs/metrics.md': metricsReference() };
}

async function dashboards() {
  await import('../test/support/register-typescript.js');
  const { dashboards } = await import('../deploy/grafana/source/dashboards.ts');
  const files = Object.entries(dashboards()).map(async ([name, dashboard]) => [
    `deploy/grafana/dashboards/${name}`,
    await format(JSON.stringify(dashboard), { parser: 'json', printWidth: 110 }),
  ]);
  return Object.fromEntries(await Promise.all(files));
}

process.exitCode = await main(process.argv[2]);
