import type {
  Administration,
  Change,
  ManageRoles,
} from '../../../application/administration/administration.js';
import {
  HOLDER_KINDS,
  type NewRule,
  type RoleHolder,
  type RoleRule,
} from '../../../application/ports/role-directory.js';
import { ACCESS_ACTIONS } from '../../../domain/access/access-rule.js';
import { knownNameFault } from '../../../domain/access/names.js';
import { type AdminRoute, isDurable, route } from '../admin-route.js';
import { fromDatabase } from '../from-database.js';
import { gather, pageOf, type PageQuery, pageQuery } from '../pages.js';
import { badRequest, notFound, ProblemError } from '../problem.js';
import { changeResult, choice, flag, integer, objectOf, qos, text } from '../schemas.js';

const tag = 'Roles';
const HOLDER_BYTES_MAX = 1024;
interface OneRole {
  params: { role: string };
}
/** How each kind of holder is named in a request. */
interface HolderBody {
  readonly user?: string;
  readonly clientId?: string;
  readonly everyone?: boolean;
}

const role = text('The name of the role, percent-encoded.', { minLength: 1 });
const params = objectOf({ role });
const roleSchema = objectOf({
  name: text('What it is granted by.'),
  rules: integer('How many rules it has.'),
  holders: integer('How many have it.'),
});
const ruleFields = {
  effect: choice(['allow', 'deny'], 'What it says; what one rule denies no other allows.'),
  actions: {
    type: 'array',
    items: choice(ACCESS_ACTIONS, 'An action.'),
    minItems: 1,
    description: 'What it speaks of.',
  },
  filter: text('The topic filter; %c and %u in it stand for the client id and the user name.'),
  qosMax: { ...qos, description: 'The highest quality of service that it allows; absent: any.' },
};
const ruleSchema = objectOf({ id: integer('Its number.'), ...ruleFields }, [
  'id',
  'effect',
  'actions',
  'filter',
]);
const holderSchema = objectOf(
  {
    holder: choice(HOLDER_KINDS, 'What has the role.'),
    name: text('The name of the user, or the id of the client; absent for everyone.'),
  },
  ['holder'],
);
const holderFields = {
  user: text('A user, by the name that it proves.', { minLength: 1 }),
  clientId: text('A client, by its id.', { minLength: 1 }),
  everyone: flag('Everyone.'),
};
const problems = { 404: 'There is no such role.' };

/** Roles, what they may do, and who has them. @param roles Undefined where there is no database. */
export function roleRoutes(
  administration: Administration,
  roles: ManageRoles | undefined,
): readonly AdminRoute[] {
  const ask: Ask = (work) => fromDatabase(administration, roles, work);
  return [
    route<{ query: PageQuery }>({
      ...{ method: 'GET', url: '/v1/roles', scope: 'read', tag, name: 'listRoles' },
      summary: 'List the roles, by name',
      query: pageQuery(),
      answers: pageOf(roleSchema),
      handle: ({ query }) => gather(query, (range) => ask((all) => all.list(range)), same),
    }),
    route<{ body: { name: string } }>({
      ...{ method: 'POST', url: '/v1/roles', scope: 'administer', tag, name: 'addRole', action: 'role.add' },
      summary: 'Make a role, which may do nothing yet',
      body: objectOf({ name: text('1 to 256 bytes, without control characters.') }),
      answers: changeResult(),
      problems: { 409: 'There is a role of that name.' },
      handle: async ({ body: { name }, caller }) => {
        const outcome = await ask((all) => all.add(name, caller));
        if (outcome === 'bad_role_name')
          throw badRequest('body/name must have 1 to 256 bytes, and no control characters');
        if (outcome === 'name_taken') {
          const detail = `there is a role "${name}" already: GET /v1/roles lists them`;
          throw new ProblemError({ status: 409, code: 'name_taken', detail });
        }
        return { durable: await isDurable(outcome) };
      },
    }),
    route<OneRole>({
      ...{ method: 'GET', url: '/v1/roles/:role', scope: 'read', tag, name: 'showRole' },
      ...{ summary: 'Show a role', params, answers: roleSchema, problems },
      handle: async ({ params: { role } }) => found(role, await ask((all) => all.find(role))),
    }),
    route<OneRole>({
      ...{ method: 'DELETE', url: '/v1/roles/:role', scope: 'administer', tag },
      ...{ name: 'removeRole', action: 'role.remove', params, problems },
      summary: 'Remove a role with its rules, and take it from all who have it',
      answers: changeResult(),
      handle: async ({ params: { role }, caller }) =>
        answer(found(role, await ask((all) => all.remove(role, caller)))),
    }),
    ...ruleRoutes(ask),
    ...holderRoutes(ask),
  ];
}

type Ask = <T>(work: (roles: ManageRoles) => Promise<T>) => Promise<T>;

function ruleRoutes(ask: Ask): readonly AdminRoute[] {
  const url = '/v1/roles/:role/rules';
  return [
    route<OneRole & { query: PageQuery }>({
      ...{ method: 'GET', url, scope: 'read', tag, name: 'listRules' },
      ...{ summary: 'List the rules of a role, by their numbers', params, query: pageQuery(), problems },
      answers: pageOf(ruleSchema),
      handle: ({ params: { role }, query }) =>
        gather(query, async (range) => found(role, await ask((all) => all.rules(role, range))), ruleItem),
    }),
    route<OneRole & { body: NewRule }>({
      ...{ method: 'POST', url, scope: 'administer', tag, name: 'addRule', action: 'rule.add' },
      ...{ summary: 'Give a role a rule', params, problems },
      body: objectOf(ruleFields, ['effect', 'actions', 'filter']),
      answers: changeResult({ rule: integer('Its number.') }),
      handle: async ({ params: { role }, body, caller }) => {
        const outcome = found(role, await ask((all) => all.addRule(role, body, caller)));
        if ('fault' in outcome) throw badRequest(`body/filter: ${outcome.fault}`);
        return { rule: outcome.rule, ...(await answer(outcome)) };
      },
    }),
    route<{ params: { role: string; rule: number } }>({
      ...{ method: 'DELETE', url: `${url}/:rule`, scope: 'administer', tag },
      ...{ name: 'removeRule', action: 'rule.remove', summary: 'Take a rule from a role' },
      params: objectOf({ role, rule: { ...integer('Its number.'), minimum: 1 } }),
      answers: changeResult(),
      problems: { 404: 'There is no such role, or it has no such rule.' },
      handle: async ({ params: { role, rule }, caller }) => {
        const change = await ask((all) => all.removeRule(role, rule, caller));
        if (change !== undefined) return answer(change);
        throw notFound(`the role "${role}" has no rule ${rule}: GET /v1/roles/:role/rules lists them`);
      },
    }),
  ];
}

function holderRoutes(ask: Ask): readonly AdminRoute[] {
  const url = '/v1/roles/:role/holders';
  const answers = changeResult({ changed: flag('Whether anything is different now.') });
  return [
    route<OneRole & { query: PageQuery }>({
      ...{ method: 'GET', url, scope: 'read', tag, name: 'listHolders' },
      ...{ summary: 'List those who have a role', params, query: pageQuery(), problems },
      answers: pageOf(holderSchema),
      handle: ({ params: { role }, query }) =>
        gather(query, async (range) => found(role, await ask((all) => all.holders(role, range))), holderItem),
    }),
    route<OneRole & { body: HolderBody }>({
      ...{ method: 'POST', url, scope: 'administer', tag, name: 'grantRole', action: 'role.grant' },
      ...{ summary: 'Give a role to a user, a client, or everyone', params, answers, problems },
      body: objectOf(holderFields, []),
      handle: async ({ params: { role }, body, caller }) => {
        const holder = holderOf(body, 'body');
        const change = found(role, await ask((all) => all.grant(role, holder, caller)));
        return { changed: change.changed, ...(await answer(change)) };
      },
    }),
    route<OneRole & { query: HolderBody }>({
      ...{ method: 'DELETE', url, scope: 'administer', tag, name: 'revokeRole', action: 'role.revoke' },
      ...{ summary: 'Take a role from a user, a client, or everyone', params, answers, problems },
      query: objectOf(holderFields, []),
      handle: async ({ params: { role }, query, caller }) => {
        const holder = holderOf(query, 'querystring');
        const change = found(role, await ask((all) => all.revoke(role, holder, caller)));
        return { changed: change.changed, ...(await answer(change)) };
      },
    }),
  ];
}

async function answer(change: Change): Promise<{ durable: boolean }> {
  return { durable: await isDurable(change) };
}

/** @throws ProblemError when there is no such role. */
function found<T>(role: string, value: T | undefined): T {
  if (value !== undefined) return value;
  throw notFound(`there is no role "${role}": GET /v1/roles lists those that there are`);
}

/** @throws ProblemError when there isn't exactly one. */
function holderOf({ user, clientId, everyone }: HolderBody, place: string): RoleHolder {
  const named: RoleHolder[] = [
    ...(user === undefined ? [] : [{ holder: 'user' as const, name: user }]),
    ...(clientId === undefined ? [] : [{ holder: 'client' as const, name: clientId }]),
    ...(everyone === true ? [{ holder: 'everyone' as const, name: '' }] : []),
  ];
  const [holder, ...more] = named;
  if (holder === undefined || more.length > 0)
    throw badRequest(`${place} must say who: exactly one of user, clientId and everyone`);
  const fault = holder.holder === 'everyone' ? undefined : knownNameFault(holder.name, HOLDER_BYTES_MAX);
  if (fault !== undefined) throw badRequest(`${place}: ${fault}`);
  return holder;
}

function holderItem({ holder, name }: RoleHolder) {
  return holder === 'everyone' ? { holder } : { holder, name };
}

function ruleItem({ id, effect, actions, filter, qosMax }: RoleRule) {
  return { id, effect, actions, filter, ...(qosMax === undefined ? {} : { qosMax }) };
}

function same<T>(item: T): T {
  return item;
}
