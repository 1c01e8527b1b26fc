import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ClientProgram, killClientPrograms } from './client-program.js';
import { freePort } from './free-port.js';
import { startServerProgram } from './server-program.js';
import { withinMs } from './wait-until.js';

const certificate = (name: string) => fileURLToPath(new URL(`certificates/${name}`, import.meta.url));
const SLAPD = '/usr/sbin/slapd';

const ENTRIES = `
dn: dc=example,dc=org
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ou=people,dc=example,dc=org
objectClass: organizationalUnit
ou: people

dn: uid=ann,ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: ann
cn: Ann
sn: Ann
userPassword: geheim

dn: uid=bob\\2C(*),ou=people,dc=example,dc=org
objectClass: inetOrgPerson
uid: bob,(*)
cn: Bob
sn: Bob
userPassword: geheim

dn: ou=groups,dc=example,dc=org
objectClass: organizationalUnit
ou: groups

dn: cn=operators,ou=groups,dc=example,dc=org
objectClass: groupOfNames
cn: operators
member: uid=ann,ou=people,dc=example,dc=org
`;

/** A directory of this test's own, on free ports of the loopback address: the real slapd. */
export class DirectoryServer {
  private constructor(
    private readonly server: ClientProgram,
    private readonly directory: string,
    /** By plain connections, and by encrypted ones. */
    readonly urls: { readonly ldap: string; readonly ldaps: string },
  ) {}

  static readonly bindDn = 'cn=admin,dc=example,dc=org';
  static readonly bindPassword = 'admin-geheim';
  static readonly caFile = certificate('localhost.pem');

  /** @throws Error where slapd isn't installed, or doesn't start: then nothing of it stays. */
  static async start(): Promise<DirectoryServer> {
    const directory = mkdtempSync(join(tmpdir(), 'directory-'));
    try {
      return await DirectoryServer.startIn(directory);
    } catch (error) {
      await killClientPrograms();
      rmSync(directory, { recursive: true });
      throw error;
    }
  }

  private static async startIn(directory: string): Promise<DirectoryServer> {
    mkdirSync(join(directory, 'data'));
    const configuration = join(directory, 'slapd.conf');
    writeFileSync(configuration, configurationText(directory));
    writeFileSync(join(directory, 'entries.ldif'), ENTRIES);
    execFileSync(SLAPD, ['-T', 'add', '-f', configuration, '-l', join(directory, 'entries.ldif')]);
    const ports = [await freePort(), await freePort()] as const;
    const [ldap, ldaps] = [`ldap://localhost:${ports[0]}`, `ldaps://localhost:${ports[1]}`] as const;
    const addresses = `ldap://127.0.0.1:${ports[0]} ldaps://127.0.0.1:${ports[1]}`;
    // With a debug level, even that of none, it stays in the foreground.
    const command = [SLAPD, '-f', configuration, '-h', addresses, '-d', '0'] as const;
    const server = await startServerProgram(command, ports[0]);
    return new DirectoryServer(server, directory, { ldap, ldaps });
  }

  async stop(): Promise<void> {
    this.server.signal('SIGTERM');
    await withinMs(this.server.ended, 'the directory server to end');
    rmSync(this.directory, { recursive: true });
  }
}

function configurationText(directory: string): string {
  const schemas = ['core', 'cosine', 'inetorgperson'];
  return `${schemas.map((name) => `include /etc/ldap/schema/${name}.schema`).join('\n')}
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCertificateFile ${DirectoryServer.caFile}
TLSCertificateKeyFile ${certificate('localhost.key.pem')}
database mdb
suffix "dc=example,dc=org"
rootdn "${DirectoryServer.bindDn}"
rootpw ${DirectoryServer.bindPassword}
directory ${join(directory, 'data')}
access to attrs=userPassword by anonymous auth by * none
access to dn.subtree="ou=groups,dc=example,dc=org" by users read by * none
access to * by users read by * none
`;
}
