import { afterAll, expect, test } from '@jest/globals';
import { existsSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import {
  endBrokerProcesses,
  runSurety,
  startBrokerProcess,
  temporaryFolder,
} from '../support/broker-process.js';

afterAll(endBrokerProcesses);

test('commands find the broker of this machine, and what it holds when it is gone', async () => {
  const env = { SURETY_DATA_DIR: join(temporaryFolder(), 'data'), SURETY_PERSISTENCE: 'postgres' };
  const surety = (...args: string[]) => runSurety(args, { env }, 30_000);
  const broker = await startBrokerProcess({ env, readyMsMax: 60_000 });
  expect(await surety('publish', 'plant/7', 'on', '--retain')).toMatchObject({ code: 0, stderr: '' });
  expect(await surety('retained', 'get', 'plant/7')).toMatchObject({ code: 0, stdout: 'on' });
  expect(JSON.parse((await surety('status', '--json')).stdout)).toMatchObject({
    ready: true,
    retainedMessages: 1,
  });
  expect(await surety('client', 'kick', 'nobody')).toMatchObject({ code: 3, stdout: '' });
  const audited = await surety('audit', 'search', '--kind', 'admin.action');
  expect(JSON.parse(audited.stdout)).toMatchObject({ principal: 'local', topic: 'plant/7' });
  expect(await surety('trace', 'start', 'pump-7', '--seconds', '60')).toMatchObject({ code: 0, stderr: '' });
  const trace = JSON.parse((await surety('trace', 'list', '--json')).stdout) as { id: string; file: string };
  expect(trace).toMatchObject({ clientId: 'pump-7', seconds: 60, payloads: false });
  expect((await surety('trace', 'stop', trace.id)).stdout).toContain(trace.file);
  expect(existsSync(trace.file)).toBe(true);
  expect(await surety('role', 'add', 'ops')).toMatchObject({ code: 0, stderr: '' });
  expect(await surety('user', 'add', 'ann', '-b', 'geheim')).toMatchObject({ code: 0, stderr: '' });
  const added = await surety('audit', 'search', '--kind', 'user.added');
  expect(JSON.parse(added.stdout)).toMatchObject({
    ...{ principal: 'local', authentication: 'admin_token' },
    details: { user: 'ann', operator: userInfo().username, requestId: expect.any(String) },
  });
  const broken = join(temporaryFolder(), 'broken.yaml');
  writeFileSync(broken, 'listeners:\n  - port: [');
  const status = await surety('status', '--config', broken, '--json');
  expect(JSON.parse(status.stdout)).toMatchObject({ ready: true });
  expect(status.stderr).toContain('the configuration is faulty');
  await broker.stop();
  expect(await surety('status')).toMatchObject({ code: 4, stdout: '' });
  expect(await surety('user', 'list', '--config', broken)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`${broken}:2:`),
  });
  const listed = await surety('retained', 'list', '--json');
  expect(JSON.parse(listed.stdout)).toMatchObject({ topic: 'plant/7', payloadText: 'on' });
  expect(listed.stderr).toContain('no broker answers here');
  expect(await surety('user', 'disable', 'ann')).toMatchObject({ code: 0, stderr: '' });
  expect(await surety('role', 'remove', 'nobody')).toMatchObject({ code: 3, stdout: '' });
  expect(JSON.parse((await surety('user', 'list', '--json')).stdout)).toMatchObject({ disabled: true });
}, 120_000);
