import { describe, expect, test } from '@jest/globals';
import { makeNetwork } from '../../support/fake-client.js';
import {
  connect,
  disconnect,
  pingreq,
  puback,
  publish,
  subscribe,
  unsubscribe,
} from '../../support/packets.js';

describe('a traced client', () => {
  test('has every packet written down, in both directions and in order, from its CONNECT on', async () => {
    const { open, traces } = makeNetwork();
    traces.switchOn('c');
    const client = open()!;
    await client.send(
      ...[connect({ clientId: 'c' }), subscribe(1, ['t', 1]), publish({ topic: 't', qos: 1, packetId: 7 })],
    );
    await client.send(puback(1), unsubscribe(2, 't'), pingreq(), disconnect());
    expect(traces.takeNames()).toEqual([
      'in CONNECT',
      'out CONNACK',
      'in SUBSCRIBE',
      'out SUBACK',
      'in PUBLISH',
      'out PUBLISH',
      'out PUBACK',
      'in PUBACK',
      'in UNSUBSCRIBE',
      'out UNSUBACK',
      'in PINGREQ',
      'out PINGRESP',
      'in DISCONNECT',
      'connection closed',
    ]);
  });

  test('is traced from the command on when it is connected, until the trace ends, and no other is', async () => {
    const { connect: connectClient, traces } = makeNetwork();
    const client = await connectClient({ clientId: 'c' });
    const other = await connectClient({ clientId: 'd' });
    traces.switchOn('c');
    await client.send(pingreq());
    await other.send(pingreq());
    expect(traces.takeNames()).toEqual(['in PINGREQ', 'out PINGRESP']);
    traces.switchOff('c');
    await client.send(pingreq());
    expect(traces.takeNames()).toEqual([]);
    expect(await client.isServed()).toBe(true);
  });

  test('has neither password nor payload written down, unless payloads are asked for', async () => {
    const { open, traces } = makeNetwork();
    traces.switchOn('c');
    const fields = {
      clientId: 'c',
      username: 'ann',
      password: 'hidden',
      will: { topic: 'w', payload: 'hidden' },
    };
    await open()!.send(connect(fields), publish({ topic: 't', payload: 'hidden' }));
    expect(traces.lines.join('\n')).toContain('"userName":"ann","hasPassword":true');
    expect(traces.lines.join('\n')).toContain('"payloadBytes":6');
    expect(traces.lines.join('\n')).not.toContain('hidden');
    traces.switchOn('c', true);
    await open()!.send(connect(fields), publish({ topic: 't', payload: 'shown' }));
    expect(traces.lines.join('\n')).toContain('"payload":"shown"');
    expect(traces.lines.filter((line) => line.includes('"password"'))).toEqual([]);
  });

  test('has a payload that is no text written down in base64', async () => {
    const { connect: connectClient, traces } = makeNetwork();
    const client = await connectClient({ clientId: 'c' });
    traces.switchOn('c', true);
    await client.send(publish({ topic: 't', payload: Buffer.from([0xff, 0]) }));
    expect(traces.lines[0]).toContain('"payloadBase64":"/wA="');
  });

  test('that breaks the protocol has it written down how', async () => {
    const { connect: connectClient, traces } = makeNetwork();
    const client = await connectClient({ clientId: 'c' });
    traces.switchOn('c');
    await client.send(connect({ clientId: 'c' }));
    expect(traces.takeNames()).toEqual(['in CONNECT', 'connection closed']);
    const second = await connectClient({ clientId: 'c' });
    traces.takeNames();
    await second.send(Uint8Array.of(0xf0, 0));
    expect(traces.takeNames()).toEqual(['protocol violation', 'connection closed']);
  });
});
