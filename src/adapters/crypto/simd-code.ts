/**
 * Instructions of a WebAssembly function in their binary form, in lists of lists as they were put together. Mostly an
 * expression that leaves its value on the stack.
 */
export type Code = number | readonly Code[];

/** Numbers of the instructions for vectors of 16 bytes (https://webassembly.github.io/spec/core/binary/instructions.html). */
const Vector = {
  load: 0,
  store: 11,
  const: 12,
  shuffle: 13,
  replaceLane: 28,
  greaterBytes: 39,
  greater: 59,
  and: 78,
  or: 80,
  xor: 81,
  anyTrue: 83,
  store32Lane: 90,
  addBytes: 110,
  shiftLeft: 171,
  shiftRight: 173,
  add: 174,
  subtract: 177,
} as const;

// Vectors of four numbers of 32 bits.

export const add = binary(Vector.add);
export const subtract = binary(Vector.subtract);
export const and = binary(Vector.and);
export const or = binary(Vector.or);
export const xor = binary(Vector.xor);
/** All bits of a number where the first, with its sign, is greater than the second; none where it isn't. */
export const greater = binary(Vector.greater);
/** The same, and addition, of sixteen bytes. */
export const greaterBytes = binary(Vector.greaterBytes);
export const addBytes = binary(Vector.addBytes);

export const shiftLeft = (value: Code, bits: number): Code => [value, number(bits), op(Vector.shiftLeft)];
export const shiftRight = (value: Code, bits: number): Code => [value, number(bits), op(Vector.shiftRight)];

/** The same number four times. */
export function all(value: number): Code {
  const bytes = [0, 8, 16, 24].map((bits) => (value >>> bits) & 0xff);
  return [op(Vector.const), bytes, bytes, bytes, bytes];
}

/** The same byte sixteen times. */
export const allBytes = (value: number): Code => all((value & 0xff) * 0x01_01_01_01);

/** Bytes of two vectors, by their places: those of the second are 16 to 31. */
export const shuffle = (one: Code, other: Code, places: readonly number[]): Code => [
  one,
  other,
  op(Vector.shuffle),
  places,
];

/** A vector with another number in one of its four places. */
export const replaced = (value: Code, place: number, by: Code): Code => [
  value,
  by,
  op(Vector.replaceLane),
  place,
];

/** Whether any bit is set. */
export const anyTrue = (value: Code): Code => [value, op(Vector.anyTrue)];

// Memory, so many bytes behind an address. No address has to be a multiple of anything.

export const load = (address: Code, offset: number): Code => [address, op(Vector.load), memory(offset)];
export const store = (address: Code, offset: number, value: Code): Code => [
  address,
  value,
  op(Vector.store),
  memory(offset),
];
/** Stores one of the four numbers of a vector. */
export const storePlace = (address: Code, offset: number, value: Code, place: number): Code => [
  address,
  value,
  op(Vector.store32Lane),
  memory(offset),
  place,
];
/** Stores the lowest byte of a number. */
export const storeByte = (address: Code, offset: number, value: Code): Code => [
  address,
  value,
  0x3a,
  memory(offset),
];

// Single numbers of 32 bits, locals, and what goes round.

export const number = (value: number): Code => [0x41, signed(value)];
export const sum = (one: Code, other: Code): Code => [one, other, 0x6a];
/** Shifted to the left, and to the right. */
export const upBy = (value: Code, bits: number): Code => [value, number(bits), 0x74];
export const downBy = (value: Code, bits: number): Code => [value, number(bits), 0x76];
export const get = (local: number): Code => [0x20, unsigned(local)];
export const set = (local: number, value: Code): Code => [value, 0x21, unsigned(local)];
/** Goes through the body again as long as the condition isn't 0 behind it. */
export const repeat = (body: Code, condition: Code): Code => [
  [0x03, 0x40],
  body,
  condition,
  [0x0d, 0x00, 0x0b],
];

/** A function that returns nothing. */
export interface WasmFunction {
  readonly name: string;
  /** How many numbers of 32 bits it takes: its first locals. */
  readonly parameters: number;
  /** How many more locals it has: numbers first, then vectors. */
  readonly numbers: number;
  readonly vectors: number;
  readonly body: Code;
}

const NUMBER = 0x7f;
const VECTOR = 0x7b;
const PAGE_BYTES = 65_536;

/** A module that exports one function, and as `memory` what it works on: so many bytes at least. */
export function wasmModule(
  { name, parameters, numbers, vectors, body }: WasmFunction,
  memoryBytes: number,
): Uint8Array {
  const locals = [2, unsigned(numbers), NUMBER, unsigned(vectors), VECTOR];
  const code = flat([locals, body, 0x0b]);
  const exported = [text('memory'), [2, 0], text(name), [0, 0]];
  return new Uint8Array(
    flat([
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, 1, [0x60, parameters, Array.from({ length: parameters }, () => NUMBER), 0]),
      section(3, 1, 0),
      section(5, 1, [0, unsigned(Math.ceil(memoryBytes / PAGE_BYTES))]),
      section(7, 2, exported),
      section(10, 1, [unsigned(code.length), code]),
    ]),
  );
}

function binary(instruction: number): (one: Code, other: Code) => Code {
  return (one, other) => [one, other, op(instruction)];
}

function op(instruction: number): Code {
  return [0xfd, unsigned(instruction)];
}

/** Where in memory, as instructions have it: the alignment first, as a power of two. */
function memory(offset: number): Code {
  return [0, unsigned(offset)];
}

function section(id: number, items: number, content: Code): Code {
  const bytes = flat([items, content]);
  return [id, unsigned(bytes.length), bytes];
}

const text = (name: string): Code => [name.length, ...Buffer.from(name, 'latin1')];

function flat(code: Code, bytes: number[] = []): number[] {
  if (typeof code === 'number') bytes.push(code);
  else for (const part of code) flat(part, bytes);
  return bytes;
}

/** A number in LEB128: seven bits a byte, the lowest first. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  return value >= -0x40 && value < 0x40 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
