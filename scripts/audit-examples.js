/**
 * Chains the examples of docs/audit.md anew, after one was added or changed: numbers, times, one second apart, and
 * hashes. Of two examples of one kind the later one goes, and folded refusals end at their record's time. What an
 * example says of its kind is written by hand.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { buildIfStale } from './build-if-stale.js';

const page = new URL('../docs/audit.md', import.meta.url);
const FIRST_AT_MS = Date.parse('2026-03-01T12:00:00.000Z');
const FENCED = /(?<=^```jsonl\n).*?(?=^```$)/ms;

function chained(text, { GENESIS_HASH, linkHash }, digest) {
  let previousHash = GENESIS_HASH;
  return firstOfEachKind(text).map((line, index) => {
    const atMs = FIRST_AT_MS + index * 1000;
    const { details, ...example } = JSON.parse(line);
    const record = { ...example, sequence: index + 1, at: new Date(atMs).toISOString() };
    if (details !== undefined) record.details = moved(details, atMs);
    const hash = linkHash(previousHash, { ...record, atMs }, (...parts) => digest.sha256(...parts));
    const hashes = { previousHash: hex(previousHash), hash: hex(hash) };
    previousHash = hash;
    delete record.previousHash;
    delete record.hash;
    return `${JSON.stringify({ ...record, ...hashes })}\n`;
  });
}

function firstOfEachKind(text) {
  const kinds = new Set();
  const lines = text.split('\n').filter((line) => line.startsWith('{'));
  return lines.filter((line) => {
    const { kind } = JSON.parse(line);
    return !kinds.has(kind) && kinds.add(kind);
  });
}

function moved(details, atMs) {
  const { firstAtMs, lastAtMs } = details;
  if (lastAtMs === undefined) return details;
  return { ...details, firstAtMs: atMs - (lastAtMs - firstAtMs), lastAtMs: atMs };
}

function hex(bytes) {
  return Buffer.from(bytes).toString('hex');
}

if (buildIfStale().exitCode === 0) {
  const domain = await import('../dist/domain/audit/audit-chain.js');
  const { NodeDigest } = await import('../dist/adapters/crypto/node-digest.js');
  const digest = new NodeDigest();
  const text = readFileSync(page, 'utf8');
  writeFileSync(
    page,
    text.replace(FENCED, (examples) => chained(examples, domain, digest).join('')),
  );
} else {
  process.exitCode = 1;
}
