import { renameSync, rmSync, symlinkSync, writeFileSync, mkdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { watchFiles } from '../../src/adapters/files/file-watch.js';
import { AuditRecorder } from '../../src/application/audit-recorder.js';
import type { Reloadable } from '../../src/application/ports/reloadable.js';
import { Reload } from '../../src/application/reload.js';
import { makeFolder, type TestFolder } from '../support/test-folder.js';
import { FakeTrail } from '../support/fake-trail.js';
import { ManualClock } from '../support/manual-clock.js';
import { silentLogger } from '../support/silent-logger.js';
import { waitUntil } from '../support/wait-until.js';

describe('a reload', () => {
  const make = (...reloadables: Reloadable[]) => {
    const errors: unknown[] = [];
    const logger = { ...silentLogger, error: (...line: unknown[]) => void errors.push(line) };
    const trail = new FakeTrail();
    const audit = new AuditRecorder(trail, new ManualClock(), { foldSeconds: 0 });
    const reload = new Reload(audit, logger);
    return { errors, trail, reload, readAll: () => reload.reloadAll(reloadables, 'signal') };
  };
  const reloadable = (name: string, reload: () => Promise<boolean>): Reloadable => ({
    name,
    files: [],
    reload,
  });

  test('tells the trail of what has changed, and of what could not be read; the one keeps no other', async () => {
    const { readAll, trail, errors } = make(
      reloadable('rules', () => Promise.resolve(true)),
      reloadable('broken', () => Promise.reject(new Error('no good'))),
      reloadable('same', () => Promise.resolve(false)),
    );
    await readAll();
    expect(trail.events).toMatchObject([
      { kind: 'configuration.changed', details: { what: 'rules', trigger: 'signal' } },
      { kind: 'configuration.changed', reason: 'no good', details: { what: 'broken', isKept: true } },
    ]);
    expect(errors).toMatchObject([
      ['could not be read anew: the old one stays', { what: 'broken', error: 'no good' }],
    ]);
  });

  /** Notes in `steps` when it is read. */
  const noting = (steps: string[], name: string) =>
    reloadable(name, async () => {
      steps.push(`${name} begins`);
      await Promise.resolve();
      steps.push(`${name} ends`);
      return true;
    });

  test('reads one thing after another', async () => {
    const steps: string[] = [];
    const step = (name: string) => noting(steps, name);
    await make(step('a'), step('b')).readAll();
    expect(steps).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  test('ends with what is under way at a stop', async () => {
    const steps: string[] = [];
    const { readAll, reload } = make(noting(steps, 'a'), noting(steps, 'b'));
    void readAll();
    await Promise.resolve();
    await reload.stop();
    expect(steps).toEqual(['a begins', 'a ends']);
  });

  test('is none after a stop', async () => {
    const steps: string[] = [];
    const { readAll, reload } = make(noting(steps, 'a'));
    await reload.stop();
    await readAll();
    expect(steps).toEqual([]);
  });
});

describe('a watch over files', () => {
  let folder: TestFolder;
  let stop: () => void;
  let changes = 0;
  const names = ['tls.crt', 'plain'];
  beforeAll(() => {
    folder = makeFolder();
    // As Kubernetes lays secrets out: the file leads through a link to a folder, and that link is swapped.
    for (const name of ['one', 'two']) {
      mkdirSync(`${folder.path}/${name}`);
      writeFileSync(`${folder.path}/${name}/tls.crt`, name);
    }
    symlinkSync('one', `${folder.path}/..data`);
    symlinkSync('..data/tls.crt', `${folder.path}/tls.crt`);
    folder.write('plain', 'a');
    stop = watchFiles(
      () => names.map((name) => `${folder.path}/${name}`),
      () => (changes += 1),
    );
  });
  afterAll(() => {
    stop();
    folder.remove();
  });

  test('sees a file that is written, renamed over, taken away and put back, and a link that is swapped', async () => {
    const seen = async (what: string, change: () => void): Promise<void> => {
      const before = changes;
      change();
      await waitUntil(() => changes > before, what);
    };
    await seen('writing', () => folder.write('plain', 'other'));
    await seen('renaming', () => renameSync(folder.write('next', 'third'), `${folder.path}/plain`));
    await seen('removing', () => rmSync(`${folder.path}/plain`));
    await seen('putting back', () => folder.write('plain', 'fourth'));
    await seen('swapping', () => {
      symlinkSync('two', `${folder.path}/..data_tmp`);
      renameSync(`${folder.path}/..data_tmp`, `${folder.path}/..data`);
    });
    folder.write('another', 'fifth');
    await seen('naming another file', () => names.splice(1, 1, 'another'));
    await seen('writing to that', () => folder.write('another', 'sixth one'));
  });
});
