import { z } from 'zod';

import { countUpTo, optionalText, text, WAIT_SECONDS_LIMIT } from './fields.js';

const name = z
  .string()
  .regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, hyphens or underscores')
  .optional()
  .describe('What the provider is called in the audit trail and the metrics. When absent: its type.');
const timeout = (doc: string) => countUpTo(1, 60, 5, doc);
const caFile = optionalText(
  'The certificates (PEM) that the server is checked against. When absent: those of Node.js.',
);
const claim = (fallback: string, doc: string) => text(doc).default(fallback);

const passwordFile = z
  .strictObject({
    type: z.literal('passwordFile'),
    name,
    file: text(
      'The file, with a line `name:hash` for each user; `surety passwd` and mosquitto_passwd write it.',
    ),
  })
  .describe('Users and passwords in a file. It is read anew when it changes.');

const userTable = z
  .strictObject({ type: z.literal('userTable'), name })
  .describe('Users and passwords in the database; `surety user` manages them.');

/** Signatures that a token may have. Those without a key, and those of unknown strength, are not among them. */
export const TOKEN_ALGORITHMS = [
  ...['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA'],
] as const;

const jwt = z
  .strictObject({
    type: z.literal('jwt'),
    name,
    from: z
      .enum(['password', 'userName'])
      .default('password')
      .describe('The field of CONNECT that carries the token.'),
    algorithms: z
      .array(z.enum(TOKEN_ALGORITHMS as unknown as readonly [string, ...string[]]))
      .min(1)
      .describe('The signatures that a token may have: HS256, RS256, PS256, ES256, EdDSA and their like.'),
    secretFile: optionalText(
      'A file with the shared secret of HS256, HS384 or HS512; a line end behind it does not count.',
    ),
    keyFile: optionalText('A file with the public key of the issuer (PEM, a key or a certificate).'),
    jwksFile: optionalText('A file with the public keys of the issuer (a JSON Web Key Set).'),
    jwksUrl: z
      .string()
      .regex(
        /^https?:\/\/[^\s/?#@]+([/?#]\S*)?$/,
        'must look like https://issuer.example/.well-known/jwks.json',
      )
      .optional()
      .describe(
        'Where the issuer publishes its keys. They are fetched when the first token comes, and anew for an unknown key.',
      ),
    jwksMaxAgeSeconds: countUpTo(
      10,
      WAIT_SECONDS_LIMIT,
      600,
      'How long fetched keys are used before they are fetched anew.',
    ),
    timeoutSeconds: timeout('How long a fetch of keys may take.'),
    issuer: optionalText('What the claim `iss` has to be. When absent: anything.'),
    audience: optionalText('What the claim `aud` has to be or to hold. When absent: anything.'),
    clockToleranceSeconds: countUpTo(0, 600, 30, 'By how much the clocks of issuer and broker may differ.'),
    requireExpiry: z.boolean().default(true).describe('Whether a token without `exp` is refused.'),
    nameClaim: claim('sub', 'The claim that names the principal.'),
    rolesClaim: optionalText(
      'The claim that holds the roles: a list of texts, or a text with blanks between them. When absent: no roles.',
    ),
    rulesClaim: optionalText(
      'The claim that holds access rules: a list of objects with `effect`, `actions` and `filter`. When set, what no rule allows is refused.',
    ),
    clientIdClaim: optionalText('The claim that has to be the client id. When absent: none.'),
    userNameClaim: optionalText('The claim that has to be the user name of CONNECT. When absent: none.'),
  })
  .superRefine(({ algorithms, secretFile, keyFile, jwksFile, jwksUrl }, context) => {
    const sources = { secretFile, keyFile, jwksFile, jwksUrl };
    const named = Object.entries(sources).filter(([, value]) => value !== undefined);
    const fault = (message: string): void => context.addIssue({ code: 'custom', path: ['type'], message });
    if (named.length !== 1)
      return fault('a token needs exactly one of secretFile, keyFile, jwksFile and jwksUrl');
    const isSecret = secretFile !== undefined;
    // Else a public key could serve as the secret of a forged token.
    if (algorithms.some((algorithm) => algorithm.startsWith('HS') !== isSecret))
      fault('HS algorithms go with secretFile alone, and all others with keys');
  })
  .describe('Signed tokens (JSON Web Tokens). The connection ends when its token does.');

const certificate = z
  .strictObject({
    type: z.literal('certificate'),
    name,
    template: text(
      'The name of the principal, made of `${cn}`, `${dns}`, `${email}`, `${uri}`, `${serial}` and `${fingerprint}` (of several the first).',
    ).default('${cn}'),
    requireUserName: z
      .boolean()
      .default(false)
      .describe('Whether the user name of CONNECT, if there is one, has to be that name.'),
  })
  .describe('Clients that have shown a certificate to a listener which asks for one.');

const webhook = z
  .strictObject({
    type: z.literal('webhook'),
    name,
    url: z
      .string()
      .regex(
        /^https?:\/\/[^\s/?#@]+([/?#]\S*)?$/,
        'must look like https://host/path; a secret goes into secretFile',
      )
      .describe('What is asked, by POST with a JSON object.'),
    caFile,
    secretFile: optionalText('A file with a token that is sent as `Authorization: Bearer ...`.'),
    timeoutSeconds: timeout('How long an answer may take.'),
    concurrencyMax: countUpTo(1, 1000, 50, 'Requests under way at a time.'),
    queueMax: countUpTo(0, 100_000, 5000, 'Clients that wait for a request; past it they get return code 3.'),
    cacheSeconds: countUpTo(
      0,
      WAIT_SECONDS_LIMIT,
      60,
      'How long an answer is used again for the same credentials; 0 asks each time.',
    ),
    cacheEntriesMax: countUpTo(1, 1_000_000, 10_000, 'Answers that are kept.'),
  })
  .describe('A web service of yours that decides.');

const ldap = z
  .strictObject({
    type: z.literal('ldap'),
    name,
    url: z
      .string()
      .regex(/^ldaps?:\/\/[^\s/?#@]+\/?$/, 'must look like ldaps://host:636 or ldap://host:389')
      .describe('The directory server.'),
    startTls: z
      .boolean()
      .default(false)
      .describe('Whether a connection by `ldap:` is encrypted before anything is said (StartTLS).'),
    caFile,
    bindDn: optionalText('The distinguished name by which users are searched. When absent: anonymously.'),
    bindPasswordFile: optionalText('A file with the password of `bindDn`.'),
    userDnTemplate: z
      .string()
      .includes('${user}', 'must hold ${user}')
      .optional()
      .describe(
        'The distinguished name of a user, such as `uid=${user},ou=people,dc=example`: binds without a search.',
      ),
    searchBase: optionalText('Where users are searched.'),
    searchFilter: z
      .string()
      .includes('${user}', 'must hold ${user}')
      .default('(uid=${user})')
      .describe('The filter that finds a user.'),
    groupBase: optionalText('Where groups are searched, whose names become roles. When absent: no roles.'),
    groupFilter: z
      .string()
      .default('(member=${dn})')
      .describe('The filter that finds the groups of a user, with `${dn}` and `${user}`.'),
    groupNameAttribute: claim('cn', 'The attribute of a group that names the role.'),
    timeoutSeconds: timeout('How long the server may take for each answer.'),
    connectionsMax: countUpTo(1, 100, 4, 'Connections to the server; checks beyond them wait.'),
    queueMax: countUpTo(
      0,
      100_000,
      5000,
      'Clients that wait for a connection; past it they get return code 3.',
    ),
  })
  .superRefine(({ userDnTemplate, searchBase, bindDn, bindPasswordFile, url, startTls }, context) => {
    const fault = (key: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [key], message });
    if ((userDnTemplate === undefined) === (searchBase === undefined))
      fault('type', 'a directory needs exactly one of userDnTemplate and searchBase');
    if ((bindDn === undefined) !== (bindPasswordFile === undefined))
      fault('type', 'bindDn and bindPasswordFile go together');
    if (startTls && url.startsWith('ldaps:')) fault('startTls', 'ldaps: is encrypted already');
  })
  .describe('Users and groups of a directory (LDAP).');

function refuseDoubleNames(
  providers: readonly { readonly type: string; readonly name?: string | undefined }[],
  context: z.RefinementCtx,
): void {
  const names = providers.map((provider) => provider.name ?? provider.type);
  names.forEach((own, index) => {
    const first = names.indexOf(own);
    if (first === index) return;
    const message = `provider ${index + 1} has the same name as provider ${first + 1}: give one of them a name`;
    context.addIssue({ code: 'custom', path: [index, 'type'], message });
  });
}

/** Who gets in. */
export const authenticationSchema = z.strictObject({
  providers: z
    .array(z.discriminatedUnion('type', [passwordFile, userTable, jwt, certificate, webhook, ldap]))
    .superRefine(refuseDoubleNames)
    .default([])
    .describe(
      'Who is asked, in this order; the first that decides wins. Without any, only listeners with `allowAnonymous` let clients in.',
    ),
  passwords: z
    .strictObject({
      concurrencyMax: countUpTo(
        1,
        4,
        1,
        'Passwords that are checked at a time, each by a thread of its own with low priority.',
      ),
      queueMax: countUpTo(
        0,
        100_000,
        5000,
        'Passwords that wait to be checked; past it clients get return code 3.',
      ),
    })
    .prefault({})
    .describe('The work of checking passwords.'),
  failures: z
    .strictObject({
      max: countUpTo(
        0,
        1_000_000,
        5,
        'Failures of one client id at one address within `withinSeconds`, by which that client is banned at that address; 0 bans none.',
      ),
      addressMax: countUpTo(
        0,
        1_000_000,
        100,
        'Failures of all clients of one address within `withinSeconds`, by which the address is banned; 0 bans none.',
      ),
      withinSeconds: countUpTo(1, WAIT_SECONDS_LIMIT, 60, 'The time in which failures are counted.'),
      banSeconds: countUpTo(1, 31_536_000, 300, 'How long such a ban holds.'),
      trustedAddresses: z
        .array(z.string())
        .default(['127.0.0.0/8', '::1'])
        .describe('Addresses and ranges (CIDR) whose failures are not counted.'),
    })
    .prefault({})
    .describe('What follows repeated failures: the client waits.'),
});
