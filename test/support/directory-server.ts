import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitUntil } from './wait-until.js';

const certificate = (name: string) => fileURLToPath(new URL(`certificates/${name}`, import.meta.url));
const startMsMax = 10_000;

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
    private readonly server: ChildProcess,
    private readonly directory: string,
    /** By plain connections, and by encrypted ones. */
    readonly urls: { readonly ldap: string; readonly ldaps: string },
  ) {}

  static readonly bindDn = 'cn=admin,dc=example,dc=org';
  static readonly bindPassword = 'admin-geheim';
  static readonly caFile = certificate('localhost.pem');

  /** @throws Error where slapd isn't installed. */
  static async start(): Promise<DirectoryServer> {
    const directory = mkdtempSync(join(tmpdir(), 'directory-'));
    mkdirSync(join(directory, 'data'));
    const configuration = join(directory, 'slapd.conf');
    writeFileSync(configuration, configurationText(directory));
    writeFileSync(join(directory, 'entries.ldif'), ENTRIES);
    const slapd = '/usr/sbin/slapd';
    execFileSync(slapd, ['-T', 'add', '-f', configuration, '-l', join(directory, 'entries.ldif')]);
    const ports = [await freePort(), await freePort()];
    const [ldap, ldaps] = [`ldap://localhost:${ports[0]}`, `ldaps://localhost:${ports[1]}`] as const;
    const addresses = `ldap://127.0.0.1:${ports[0]} ldaps://127.0.0.1:${ports[1]}`;
    const server = spawn(slapd, ['-f', configuration, '-h', addresses, '-d', '0'], { stdio: 'ignore' });
    const started = new DirectoryServer(server, directory, { ldap, ldaps });
    let isUp = false;
    const look = (): boolean => {
      void isListening(ports[0] ?? 0).then((isIt) => (isUp ||= isIt));
      return isUp;
    };
    await waitUntil(look, 'the directory server', startMsMax);
    return started;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.server.once('exit', resolve));
    this.server.kill('SIGTERM');
    await ended;
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

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
