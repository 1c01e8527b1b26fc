/**
 * Proves that the checks of the architecture bite: plants one breach of each rule in an empty project that has our
 * settings, and fails unless each is reported, for the file it stands in. A check that finds no files, or that a
 * new version of a tool has disarmed, would else pass for ever. The tree as it is must pass, and not be empty.
 */
import { spawn } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const BIN = {
  depcruise: path.join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
  eslint: path.join(root, 'node_modules/eslint/bin/eslint.js'),
  tsc: path.join(root, 'node_modules/typescript/bin/tsc'),
};

const uses = (specifier) => `import * as other from '${specifier}';\nexport const used = other;\n`;
const usesType = (specifier) =>
  `import type { used } from '${specifier}';\nexport type Used = typeof used;\n`;
const NOTHING = 'export const used = 1;\n';

/** What breaches import: these files are in order themselves. */
const INNOCENT = {
  'src/domain/innocent.ts': NOTHING,
  'src/domain/user.ts': uses('./innocent.js'),
  'src/application/use-case.ts': uses('../domain/innocent.js'),
  'src/application/ports/port.ts': uses('../../domain/innocent.js'),
  'src/adapters/alpha/innocent.ts': usesType('../../application/ports/port.js'),
  'src/container.ts': uses('./wiring/tokens.js'),
  'src/wiring/tokens.ts': uses('inversify'),
};

/** The other half of a breach that takes two; the tool reports one of them, the first by name. */
const ACCOMPLICE = { 'src/domain/hen.ts': uses('./egg.js') };

/** A breach of a dependency rule: the rule, the file, and what stands in it. */
const DEPENDENCY_BREACHES = [
  ['domain-imports-only-domain', 'src/domain/reads-files.ts', uses('node:fs')],
  ['domain-imports-only-domain', 'src/domain/knows-use-case.ts', uses('../application/use-case.js')],
  ['domain-imports-only-domain', 'src/domain/knows-type.ts', usesType('../application/use-case.js')],
  ['domain-imports-only-domain', 'src/domain/knows-package.ts', uses('zod')],
  [
    'application-imports-only-inward',
    'src/application/knows-adapter.ts',
    uses('../adapters/alpha/innocent.js'),
  ],
  ['application-imports-only-inward', 'src/application/reads-files.ts', uses('node:fs')],
  [
    'adapters-enter-by-ports-or-broker',
    'src/adapters/beta/knows-use-case.ts',
    uses('../../application/use-case.js'),
  ],
  ['adapters-ignore-each-other', 'src/adapters/beta/knows-alpha.ts', uses('../alpha/innocent.js')],
  ['adapters-ignore-each-other', 'src/adapters/beta/knows-alpha-type.ts', usesType('../alpha/innocent.js')],
  ['only-the-root-wires', 'src/adapters/beta/wires.ts', uses('inversify')],
  ['only-the-root-wires', 'src/adapters/beta/knows-root.ts', uses('../../container.js')],
  ['only-the-root-wires', 'src/adapters/beta/knows-wiring.ts', uses('../../wiring/tokens.js')],
  ['no-cycles', 'src/domain/egg.ts', uses('./hen.js')],
  ['only-declared-packages', 'src/adapters/beta/uses-dev-package.ts', uses('fast-check')],
  ['only-declared-packages', 'src/adapters/beta/uses-unknown-package.ts', uses('no-such-package')],
];

/** Each package has one adapter that may import it; the rule's name starts with the package's. */
const FENCE = /^(.+)-only-in-its-adapter$/;

/** A breach of purity: who must report it (and with what), the file, and what stands in it. */
const PURITY_BREACHES = [
  ['tsc', /'process'/, 'src/domain/asks-process.ts', 'export const used = process.pid;\n'],
  ['tsc', /'Buffer'/, 'src/domain/takes-buffer.ts', 'export const used = (bytes: Buffer) => bytes;\n'],
  ['tsc', /'setTimeout'/, 'src/application/waits.ts', 'setTimeout(() => undefined, 1);\nexport {};\n'],
  ['tsc', /'node:fs'/, 'src/domain/imports-node.ts', uses('node:fs')],
  ['eslint', /no-restricted-properties/, 'src/domain/asks-time.ts', 'export const used = Date.now();\n'],
  [
    'eslint',
    /no-restricted-properties/,
    'src/application/rolls-dice.ts',
    'export const used = Math.random();\n',
  ],
  ['eslint', /no-restricted-syntax/, 'src/domain/makes-date.ts', 'export const used = new Date();\n'],
];

/** @returns {Promise<string[]>} What is wrong; empty when every check bites. */
async function canary() {
  const rules = require(path.join(root, '.dependency-cruiser.cjs')).forbidden.map(({ name }) => name);
  const breaches = [...DEPENDENCY_BREACHES, ...rules.flatMap(fenceBreach)];
  const unproven = rules.filter((rule) => !breaches.some(([breached]) => breached === rule));
  const home = plant(breaches);
  try {
    const faults = await Promise.all([
      cleanTreeFaults(),
      dependencyFaults(home, breaches),
      purityFaults(home),
    ]);
    return [
      ...unproven.map((rule) => `no breach of the rule ${rule} is planted here: add one`),
      ...faults.flat(),
    ];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function fenceBreach(rule) {
  const fenced = FENCE.exec(rule)?.[1];
  return fenced === undefined ? [] : [[rule, `src/adapters/beta/uses-${fenced}.ts`, uses(fenced)]];
}

/** Lays out a project with our settings and packages, and nothing in it but what is planted. */
function plant(breaches) {
  const home = mkdtempSync(path.join(tmpdir(), 'surety-canary-'));
  const settings = readdirSync(root).filter((name) =>
    /^(tsconfig.*|package)\.json$|^(\.dependency-cruiser|eslint\.config)\./.test(name),
  );
  for (const name of settings) copyFileSync(path.join(root, name), path.join(home, name));
  symlinkSync(path.join(root, 'node_modules'), path.join(home, 'node_modules'), 'junction');
  const files = [
    ...Object.entries({ ...INNOCENT, ...ACCOMPLICE }),
    ...breaches.map(([, file, text]) => [file, text]),
    ...PURITY_BREACHES.map(([, , file, text]) => [file, text]),
  ];
  for (const [file, text] of files) {
    mkdirSync(path.dirname(path.join(home, file)), { recursive: true });
    writeFileSync(path.join(home, file), text);
  }
  return home;
}

async function cleanTreeFaults() {
  const { modules, violations } = await cruise(root);
  if (modules === 0) return ['the dependency check of src looked at no modules'];
  return violations.map(({ rule, from, to }) => `src breaks ${rule}: ${from} -> ${to}`);
}

async function dependencyFaults(home, breaches) {
  const { violations } = await cruise(home);
  const isReported = (rule, file) => violations.some((found) => found.rule === rule && found.from === file);
  const missed = breaches.filter(([rule, file]) => !isReported(rule, file));
  const wronged = violations.filter(({ from }) => from in INNOCENT);
  return [
    ...missed.map(([rule, file]) => `the rule ${rule} did not report the breach planted in ${file}`),
    ...wronged.map(({ rule, from }) => `the rule ${rule} reported ${from}, which breaks none`),
  ];
}

/** The modules of src that were looked at, and each breach that was found. */
async function cruise(cwd) {
  const args = ['src', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
  const { output, errors } = await run(BIN.depcruise, args, cwd);
  if (!output.startsWith('{')) throw new Error(`dependency-cruiser gave no report: ${errors}${output}`);
  const { modules, summary } = JSON.parse(output);
  return {
    modules: modules.filter(({ source }) => source.startsWith('src/')).length,
    violations: summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
  };
}

async function purityFaults(home) {
  const linted = [...Object.keys(INNOCENT), ...PURITY_BREACHES.map(([, , file]) => file)];
  const [compiled, lint] = await Promise.all([
    run(BIN.tsc, ['-p', 'tsconfig.pure.json', '--pretty', 'false'], home),
    run(BIN.eslint, ['--format', 'json', ...linted], home),
  ]);
  if (!lint.output.startsWith('[')) throw new Error(`eslint gave no report: ${lint.errors}${lint.output}`);
  const lintLines = JSON.parse(lint.output).flatMap(({ filePath, messages }) =>
    messages.map(({ ruleId, message }) => `${path.relative(home, filePath)}: ${ruleId}: ${message}`),
  );
  const lines = { tsc: compiled.output.split('\n'), eslint: lintLines };
  const isReported = ([tool, sign, file]) =>
    lines[tool].some((line) => line.startsWith(file) && sign.test(line));
  const missed = PURITY_BREACHES.filter((breach) => !isReported(breach));
  const wronged = lines.tsc.filter((line) => Object.keys(INNOCENT).some((file) => line.startsWith(file)));
  return [
    ...missed.map(([tool, , file]) => `${tool} did not report the impurity planted in ${file}`),
    ...wronged.map((line) => `the pure compilation reported a file that is in order: ${line}`),
  ];
}

/** Runs a tool of ours to its end; that it exits with an error is what breaches are for. */
function run(script, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
    child.on('error', reject);
    child.on('close', () => resolve({ output, errors }));
  });
}

const faults = await canary();
for (const fault of faults) console.error(`dependency canary: ${fault}`);
process.exitCode = faults.length === 0 ? 0 : 1;
