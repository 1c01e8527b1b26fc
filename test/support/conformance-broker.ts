import { afterAll, afterEach, beforeAll, test } from '@jest/globals';
import { connect, type ConnectFields } from './packets.js';
import { RawClient } from './raw-client.js';
import { startBroker, type StartOptions, type TestBroker } from './start-broker.js';

/** The port of a broker that runs already, from the environment; undefined means: start our own. */
const externalPort = process.env['SURETY_CONFORMANCE_PORT'];

/** `test` for cases that need options of the broker's start; left out against an external broker. */
export const testInProcess = externalPort === undefined ? test : test.skip;

/** What a conformance test needs of the broker: connections that end with the test. */
export interface BrokerUnderTest {
  /** Opens a connection and sends nothing. */
  open(): Promise<RawClient>;
  /** Opens a connection and has its CONNECT accepted. A client id that is left out is a fresh one. */
  connect(fields?: ConnectFields): Promise<RawClient>;
}

let serial = 0;
const run = Math.floor(Math.random() * 36 ** 4).toString(36);

/** A name that no other test uses: letters and digits only, at most 23 bytes for a short stem. */
export const unique = (stem: string): string => {
  serial += 1;
  return `${stem}${process.pid.toString(36)}z${run}z${serial.toString(36)}`;
};

/** Runs the same check on each case at once, and names the case that failed. */
export const forEachAtOnce = async <T>(
  cases: readonly T[],
  check: (value: T) => Promise<void>,
): Promise<void> => {
  const failures: string[] = [];
  await Promise.all(
    cases.map((value) =>
      check(value).catch((error: unknown) => {
        failures.push(`${JSON.stringify(value)}: ${String(error)}`);
      }),
    ),
  );
  if (failures.length > 0) throw new Error(failures.join('\n'));
};

/**
 * Gives the tests of the calling file a broker of their own, or the one that
 * SURETY_CONFORMANCE_PORT names, and ends every connection with the test that opened it.
 */
export const useBroker = (options: StartOptions = {}): BrokerUnderTest => {
  const clients = new Set<RawClient>();
  let broker: TestBroker | undefined;

  beforeAll(async () => {
    broker = externalPort === undefined ? await startBroker(options) : undefined;
  });
  afterEach(() => {
    for (const client of clients) client.destroy();
    clients.clear();
  });
  afterAll(async () => {
    await broker?.stop();
  });

  const open = async (): Promise<RawClient> => {
    const client = await RawClient.open(broker?.port ?? Number(externalPort));
    clients.add(client);
    return client;
  };
  return {
    open,
    connect: async (fields = {}) => {
      const client = await open();
      client.send(connect({ clientId: unique('c'), ...fields }));
      const { returnCode } = await client.take('connack');
      if (returnCode !== 0) throw new Error(`CONNECT refused with code ${returnCode}`);
      return client;
    },
  };
};
