import { utf8Length } from '../client-id.js';

/** What is wrong with the name of a new user: MQTT and the database have to carry it. Undefined when nothing is. */
export function userNameFault(name: string): string | undefined {
  return newNameFault('a user name', name, 1000);
}

/** What is wrong with the name of a new role; undefined when nothing is. */
export function roleNameFault(name: string): string | undefined {
  return newNameFault('the name of a role', name, 256);
}

/** What is wrong with a name by which somebody is to be known who need not be there; undefined when nothing is. */
export function knownNameFault(name: string, bytesMax = 65_535): string | undefined {
  const isSound = /^[^\0\p{Cs}]+$/u.test(name) && utf8Length(name) <= bytesMax;
  return isSound ? undefined : `a name has 1 to ${bytesMax} bytes of valid text without U+0000`;
}

function newNameFault(what: string, name: string, bytesMax: number): string | undefined {
  const isSound = /^[^\p{Cc}\p{Cs}]+$/u.test(name) && utf8Length(name) <= bytesMax;
  return isSound ? undefined : `${what} has 1 to ${bytesMax} bytes, and no control characters`;
}
