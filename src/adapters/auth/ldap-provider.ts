import { randomUUID } from 'node:crypto';
import { Client, InvalidCredentialsError, ResultCodeError } from 'ldapts';
import type {
  AuthenticationProvider,
  ProviderDecision,
} from '../../application/ports/authentication-provider.js';
import type { Credentials } from '../../application/ports/authenticator.js';
import { FileTexts } from './file-texts.js';
import { escapeDnValue, escapeFilterValue, filled } from './ldap-text.js';
import { refused } from './refused.js';
import { TurnQueue } from './turn-queue.js';

/** The directory, and how users and groups are found in it. */
export interface LdapSettings {
  readonly url: string;
  readonly startTls: boolean;
  readonly caFile?: string | undefined;
  readonly bindDn?: string | undefined;
  readonly bindPasswordFile?: string | undefined;
  readonly userDnTemplate?: string | undefined;
  readonly searchBase?: string | undefined;
  readonly searchFilter: string;
  readonly groupBase?: string | undefined;
  readonly groupFilter: string;
  readonly groupNameAttribute: string;
  readonly timeoutSeconds: number;
  readonly connectionsMax: number;
  readonly queueMax: number;
}

/**
 * Users of a directory (RFC 4511). A user is found by a search or by a template, and has proved to be it when the
 * server lets it bind with its password. Connections are used again and again; one on which something failed isn't.
 */
export class LdapProvider implements AuthenticationProvider {
  readonly files: readonly string[];
  private readonly texts: FileTexts<'ca' | 'bindPassword'>;
  private readonly turns: TurnQueue;
  private idle: Client[] = [];
  /** The name of an entry that isn't there, in place of users who aren't. */
  private readonly nobody: string;
  private isStopped = false;

  constructor(
    readonly name: string,
    private readonly settings: LdapSettings,
  ) {
    const { bindPasswordFile, caFile, connectionsMax, queueMax } = settings;
    this.turns = new TurnQueue({ concurrencyMax: connectionsMax, queueMax });
    this.texts = new FileTexts({ ca: caFile, bindPassword: bindPasswordFile });
    this.files = this.texts.files;
    this.nobody = `cn=${randomUUID()},${settings.searchBase ?? ''}`.replace(/,$/, '');
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async reload(): Promise<boolean> {
    const isChanged = this.texts.reload();
    // A connection that was made by other authorities is not used again.
    if (isChanged) void this.endIdle();
    return isChanged;
  }

  async decide({ userName, password, isAwaited }: Credentials): Promise<ProviderDecision> {
    if (userName === undefined || password === undefined || userName === '') return 'ignored';
    // A bind without a password succeeds, and proves nothing (RFC 4513, 5.1.2).
    if (password.length === 0) return refused('empty_password');
    const text = Buffer.from(password).toString();
    return this.turns.run(() => this.withClient((client) => this.check(client, userName, text)), isAwaited);
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.endIdle();
  }

  private async endIdle(): Promise<void> {
    const { idle } = this;
    this.idle = [];
    await Promise.all(idle.map((client) => client.unbind().catch(() => undefined)));
  }

  /** Without the line end that editors leave. */
  private get bindPassword(): string {
    return this.texts.get('bindPassword')?.replace(/\r?\n$/, '') ?? '';
  }

  private async check(client: Client, user: string, password: string): Promise<ProviderDecision> {
    const { userDnTemplate } = this.settings;
    if (userDnTemplate !== undefined) {
      const dn = filled(userDnTemplate, { user }, escapeDnValue);
      if (!(await bindsAs(client, dn, password))) return WRONG_PASSWORD;
      return { principal: { name: user, roles: await this.rolesOf(client, user, dn), rules: undefined } };
    }
    await client.bind(this.settings.bindDn ?? '', this.bindPassword);
    const dn = await this.find(client, user);
    // Whoever searches may see the groups; the user perhaps not.
    const roles = await this.rolesOf(client, user, dn ?? this.nobody);
    if (dn === undefined) {
      // The same requests as for a user, so that names can't be found out by the time.
      await bindAsNobody(client, this.nobody, password);
      return 'ignored';
    }
    if (!(await bindsAs(client, dn, password))) return WRONG_PASSWORD;
    return { principal: { name: user, roles, rules: undefined } };
  }

  /** @throws Error when there are several: the filter is too wide. */
  private async find(client: Client, user: string): Promise<string | undefined> {
    const { searchBase = '', searchFilter } = this.settings;
    const filter = filled(searchFilter, { user }, escapeFilterValue);
    // Of two entries one is enough to see that there are several.
    const { searchEntries } = await client.search(searchBase, {
      scope: 'sub',
      filter,
      attributes: ['1.1'],
      sizeLimit: 2,
    });
    const [entry, other] = searchEntries;
    if (other !== undefined) throw new Error('searchFilter finds several entries for one user name');
    return entry?.dn;
  }

  private async rolesOf(client: Client, user: string, dn: string): Promise<string[]> {
    const { groupBase, groupFilter, groupNameAttribute: attribute } = this.settings;
    if (groupBase === undefined) return [];
    const filter = filled(groupFilter, { user, dn }, escapeFilterValue);
    const { searchEntries } = await client.search(groupBase, {
      scope: 'sub',
      filter,
      attributes: [attribute],
    });
    return searchEntries.flatMap((entry) => [entry[attribute] ?? []].flat().slice(0, 1).map(String));
  }

  private async withClient<T>(use: (client: Client) => Promise<T>): Promise<T> {
    const known = this.idle.pop();
    if (known?.isConnected === true) {
      try {
        return await this.used(known, use);
      } catch (error) {
        // The server may have ended an idle connection; a new one tells.
        if (!isConnectionLoss(error)) throw error;
      }
    }
    return this.used(await this.connect(), use);
  }

  private async used<T>(client: Client, use: (client: Client) => Promise<T>): Promise<T> {
    const { idle } = this;
    try {
      const result = await use(client);
      // Those that were idle meanwhile may have been ended.
      if (this.isStopped || idle !== this.idle) await client.unbind();
      else idle.push(client);
      return result;
    } catch (error) {
      await client.unbind().catch(() => undefined);
      throw error;
    }
  }

  private async connect(): Promise<Client> {
    const { url, startTls, timeoutSeconds } = this.settings;
    const ca = this.texts.get('ca');
    const tls = ca === undefined ? {} : { ca };
    const timeoutMs = timeoutSeconds * 1000;
    const isSecure = url.startsWith('ldaps:');
    const client = new Client({
      url,
      timeout: timeoutMs,
      connectTimeout: timeoutMs,
      ...(isSecure ? { tlsOptions: tls } : {}),
    });
    if (!startTls) return client;
    try {
      await client.startTLS({ ...tls, servername: new URL(url).hostname });
      return client;
    } catch (error) {
      await client.unbind().catch(() => undefined);
      throw error;
    }
  }
}

const WRONG_PASSWORD = refused('wrong_password');

async function bindsAs(client: Client, dn: string, password: string): Promise<boolean> {
  try {
    await client.bind(dn, password);
    return true;
  } catch (error) {
    if (error instanceof InvalidCredentialsError) return false;
    throw error;
  }
}

/** It is refused, whatever word the server has for that. */
async function bindAsNobody(client: Client, dn: string, password: string): Promise<void> {
  await client.bind(dn, password).catch((error: unknown) => {
    if (!(error instanceof ResultCodeError)) throw error;
  });
}

function isConnectionLoss(error: unknown): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return typeof code === 'string' || /closed|ended|reset/i.test(message);
}
