import type {
  Administration,
  Change,
  ManageUsers,
} from '../../../application/administration/administration.js';
import type { ListedUser } from '../../../application/ports/user-directory.js';
import { type AdminRoute, isDurable, route } from '../admin-route.js';
import { fromDatabase } from '../from-database.js';
import { gather, pageOf, type PageQuery, pageQuery } from '../pages.js';
import { notFound, ProblemError } from '../problem.js';
import { changeResult, flag, objectOf, text, time, timeText } from '../schemas.js';

const tag = 'Users';
interface OneUser {
  params: { name: string };
}

const name = text('The name, percent-encoded.', { minLength: 1 });
const params = objectOf({ name });
const password = text(
  'Kept as a hash (argon2id), and told to nobody. It comes by TLS, or from this machine.',
  {
    minLength: 1,
  },
);
const userSchema = objectOf({
  name: text('What the user gives in CONNECT.'),
  disabled: flag('Whether it is kept out.'),
  createdAt: time('When it was added.'),
  changedAt: time('When it, or its password, was changed last.'),
});
const NOT_FOUND = { 404: 'There is no such user.' };
const CLEAR = { 403: 'The token lacks the scope, or the password came over a network in the clear.' };

type Ask = <T>(work: (users: ManageUsers) => Promise<T>) => Promise<T>;
/** Of a change to a user; undefined where there is none of that name. */
type Answer = (name: string, change: Change | undefined) => Promise<{ durable: boolean }>;

/** The users of the database. @param users Undefined where there is none. */
export function userRoutes(
  administration: Administration,
  users: ManageUsers | undefined,
): readonly AdminRoute[] {
  const ask: Ask = (work) => fromDatabase(administration, users, work);
  const answer: Answer = async (of, change) => {
    if (change === undefined) throw noUser(of);
    return { durable: await isDurable(change) };
  };
  return [
    route<{ query: PageQuery }>({
      ...{ method: 'GET', url: '/v1/users', scope: 'read', tag, name: 'listUsers' },
      summary: 'List the users of the database, by name',
      query: pageQuery(),
      answers: pageOf(userSchema),
      handle: ({ query }) => gather(query, (range) => ask((all) => all.list(range)), userItem),
    }),
    route<OneUser>({
      ...{ method: 'GET', url: '/v1/users/:name', scope: 'read', tag, name: 'showUser' },
      ...{ summary: 'Show a user', params, answers: userSchema, problems: NOT_FOUND },
      handle: async ({ params: { name } }) => {
        const user = await ask((all) => all.find(name));
        if (user === undefined) throw noUser(name);
        return userItem(user);
      },
    }),
    ...passwordRoutes(ask, answer),
    ...[true, false].map((isDisabled) =>
      route<OneUser>({
        ...{
          method: 'POST',
          url: `/v1/users/:name/${isDisabled ? 'disable' : 'enable'}`,
          scope: 'administer',
        },
        ...{ tag, name: isDisabled ? 'disableUser' : 'enableUser', params, problems: NOT_FOUND },
        action: isDisabled ? 'user.disable' : 'user.enable',
        summary: isDisabled ? 'Keep a user out, and end its connections' : 'Let a disabled user in again',
        answers: changeResult(),
        handle: async ({ params: { name }, caller }) =>
          answer(name, await ask((all) => all.setDisabled(name, isDisabled, caller))),
      }),
    ),
    route<OneUser>({
      ...{ method: 'DELETE', url: '/v1/users/:name', scope: 'administer', tag },
      ...{ name: 'removeUser', action: 'user.remove', params, problems: NOT_FOUND },
      summary: 'Remove a user, and end its connections',
      answers: changeResult(),
      handle: async ({ params: { name }, caller }) =>
        answer(name, await ask((all) => all.remove(name, caller))),
    }),
  ];
}

function passwordRoutes(ask: Ask, answer: Answer): readonly AdminRoute[] {
  return [
    route<{ body: { name: string; password: string } }>({
      ...{ method: 'POST', url: '/v1/users', scope: 'administer', tag, name: 'addUser', action: 'user.add' },
      summary: 'Add a user',
      body: objectOf({ name: text('1 to 1000 bytes, without control characters.'), password }),
      answers: changeResult(),
      problems: { ...CLEAR, 409: 'There is a user of that name.' },
      handle: async ({ body, caller, isPrivate }) => {
        requirePrivate(isPrivate);
        const outcome = await ask((all) => all.add(body.name, body.password, caller));
        return answer(body.name, faultless(outcome, body.name));
      },
    }),
    route<OneUser & { body: { password: string } }>({
      ...{ method: 'PUT', url: '/v1/users/:name/password', scope: 'administer', tag },
      ...{ name: 'setUserPassword', action: 'user.password', params, problems: { ...CLEAR, ...NOT_FOUND } },
      summary: 'Set the password of a user; those who are connected stay',
      body: objectOf({ password }),
      answers: changeResult(),
      handle: async ({ params: { name }, body, caller, isPrivate }) => {
        requirePrivate(isPrivate);
        const outcome = await ask((all) => all.setPassword(name, body.password, caller));
        return answer(name, faultless(outcome, name));
      },
    }),
  ];
}

/** @throws ProblemError that says what a name or a password has to be. */
function faultless<T>(outcome: T | keyof typeof FAULTS, name: string): Exclude<T, keyof typeof FAULTS> {
  if (typeof outcome !== 'string') return outcome as Exclude<T, keyof typeof FAULTS>;
  const { status, detail } = FAULTS[outcome as keyof typeof FAULTS];
  throw new ProblemError({ status, code: outcome, detail: detail(name) });
}

const FAULTS = {
  name_taken: {
    status: 409,
    detail: (name: string) =>
      `there is a user "${name}" already: PUT /v1/users/:name/password sets its password`,
  },
  bad_user_name: {
    status: 400,
    detail: () => 'body/name must have 1 to 1000 bytes, and no control characters',
  },
  empty_password: { status: 400, detail: () => 'body/password is empty' },
} as const;

/** @throws ProblemError when a password has come over a network in the clear. */
function requirePrivate(isPrivate: boolean): void {
  if (isPrivate) return;
  const detail = 'a password comes by TLS (admin.tls), or from the machine of the broker: set another one';
  throw new ProblemError({ status: 403, code: 'in_the_clear', detail });
}

function noUser(name: string) {
  return notFound(`there is no user "${name}": GET /v1/users lists those that there are`);
}

function userItem({ name, isDisabled, createdAtMs, changedAtMs }: ListedUser) {
  return { name, disabled: isDisabled, createdAt: timeText(createdAtMs), changedAt: timeText(changedAtMs) };
}
