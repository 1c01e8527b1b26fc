import type { Administration, ManageBans } from '../../../application/administration/administration.js';
import { parseAddressRange } from '../../../domain/access/address-range.js';
import type { Ban, BanSubject } from '../../../domain/access/ban.js';
import { knownNameFault } from '../../../domain/access/names.js';
import { type AdminRoute, isDurable, route } from '../admin-route.js';
import { requireStore, storeUnavailable } from '../from-database.js';
import { gather, pageOf, type PageQuery, pageQuery } from '../pages.js';
import { badRequest, notFound } from '../problem.js';
import { changeResult, integer, objectOf, text, time, timeText } from '../schemas.js';

const tag = 'Bans';
/** Ten years: what lasts longer has no end. */
const SECONDS_MAX = 315_360_000;

interface SubjectBody {
  readonly address?: string;
  readonly clientId?: string;
  readonly user?: string;
}
const subjectFields = {
  address: text('An address, or a range such as 192.0.2.0/24.', { minLength: 1 }),
  clientId: text('A client id.', { minLength: 1 }),
  user: text('A user name.', { minLength: 1 }),
};
const banSchema = objectOf(
  {
    ...subjectFields,
    reason: text('Why.'),
    by: text('Who has imposed it: `broker`, a user of the operating system, or `token` and its name.'),
    createdAt: time('Since when.'),
    expiresAt: time('Until when; absent: for good.'),
  },
  ['reason', 'by', 'createdAt'],
);

/** Who is kept out. */
export function banRoutes(administration: Administration, bans: ManageBans): readonly AdminRoute[] {
  return [
    route<{ query: PageQuery }>({
      ...{ method: 'GET', url: '/v1/bans', scope: 'read', tag, name: 'listBans' },
      summary: 'List the bans that hold, the oldest first',
      query: pageQuery(),
      answers: pageOf(banSchema),
      handle: ({ query }) => gather(query, (range) => bans.list(range), banItem),
    }),
    route<{ body: SubjectBody & { reason: string; seconds?: number } }>({
      ...{ method: 'POST', url: '/v1/bans', scope: 'operate', tag, name: 'addBan', action: 'ban.add' },
      summary:
        'Keep out, and cut off, clients on whom all that is named is true; a ban of the same is replaced',
      body: objectOf(
        {
          ...subjectFields,
          reason: text('Why, for the audit trail.', { default: 'by hand' }),
          seconds: { ...integer('How long; absent: for good.'), minimum: 1, maximum: SECONDS_MAX },
        },
        [],
      ),
      answers: changeResult(),
      handle: async ({ body: { reason, seconds, ...who }, caller }) => {
        const createdAtMs = Date.now();
        const expiresAtMs = seconds === undefined ? undefined : createdAtMs + seconds * 1000;
        const by = `token ${caller.principal}`;
        const ban = { ...subjectOf(who, 'body'), reason, by, createdAtMs, expiresAtMs };
        requireStore(administration);
        return { durable: await isDurable(await bans.add(ban, caller).catch(failed)) };
      },
    }),
    route<{ query: SubjectBody }>({
      ...{ method: 'DELETE', url: '/v1/bans', scope: 'operate', tag, name: 'liftBan', action: 'ban.remove' },
      summary: 'Lift a ban, named as it was imposed',
      query: objectOf(subjectFields, []),
      answers: changeResult(),
      problems: { 404: 'There is no such ban.' },
      handle: async ({ query, caller }) => {
        const subject = subjectOf(query, 'querystring');
        requireStore(administration);
        const change = await bans.lift(subject, caller).catch(failed);
        if (change !== undefined) return { durable: await isDurable(change) };
        throw notFound('there is no such ban, named as it was imposed: GET /v1/bans lists them');
      },
    }),
  ];
}

function failed(error: unknown): never {
  throw storeUnavailable('nothing has changed, as the database could not be asked', error);
}

/** @throws ProblemError when nobody is named, or what is named can't be. */
function subjectOf({ address, clientId, user: userName }: SubjectBody, place: string): BanSubject {
  if (address === undefined && clientId === undefined && userName === undefined)
    throw badRequest(`${place} must say whom: address, clientId or user`);
  const range = address === undefined ? undefined : parseAddressRange(address);
  if (address !== undefined && range === undefined)
    throw badRequest(
      `${place}/address must be an address such as 192.0.2.1, or a range such as 192.0.2.0/24`,
    );
  for (const name of [clientId, userName]) {
    const fault = name === undefined ? undefined : knownNameFault(name);
    if (fault !== undefined) throw badRequest(`${place}: ${fault}`);
  }
  return { address: range, clientId, userName };
}

function banItem({ address, clientId, userName: user, reason, by, createdAtMs, expiresAtMs }: Ban) {
  const times = { createdAt: timeText(createdAtMs), expiresAt: expiresAtMs && timeText(expiresAtMs) };
  return { address: address?.text, clientId, user, reason, by, ...times };
}
