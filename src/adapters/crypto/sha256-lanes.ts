import { DIGEST_LENGTH } from '../../domain/audit/payload-digests.js';
import * as simd from './simd-code.js';
import type { Code } from './simd-code.js';

/** Payloads that are digested at a time: a vector has so many numbers of 32 bits. */
export const LANES = 4;
/** The largest payload of a lane, in bytes: from about there on OpenSSL is faster, one by one. */
export const LANE_PAYLOAD_MAX = 247;

const BLOCK_BYTES = 64;
/** A lane has room for a payload's blocks and for the zeros that are written behind it without counting them. */
const LANE_BYTES = 384;
/** The first lane doesn't begin at 0, as the length stands before the end of a block, and offsets can't be negative. */
const LANES_AT = 64;
/** Where a lane's payload is put. */
export const laneAt = (lane: number): number => LANES_AT + lane * LANE_BYTES;
/** Where what follows the lanes in memory may begin. */
export const LANES_END = laneAt(LANES);

const ROUNDS = 64;
/** Bits of the fractions of the first primes' roots: of cubic roots in the rounds, of square roots in the beginning (FIPS 180-4). */
const ROUND_CONSTANTS = primes(ROUNDS).map((prime) => fraction(Math.cbrt(prime)));
const BEGINNING = primes(8).map((prime) => fraction(Math.sqrt(prime)));

/** What is used of it: neither the language's types nor those of Node.js have it. Not every Node.js runs it. */
declare const WebAssembly:
  | {
      readonly Module: new (code: Uint8Array) => object;
      readonly Instance: new (module: object) => { readonly exports: unknown };
      validate(code: Uint8Array): boolean;
    }
  | undefined;

/** The function that `sha256Lanes` exports, and the memory it works on. */
export interface Sha256Lanes {
  readonly memory: { readonly buffer: ArrayBuffer };
  /**
   * Digests the payloads in the lanes, which are spoiled.
   * @param bytes The length of each, `LANE_PAYLOAD_MAX` at most.
   * @param out Where their digests are written in base64url, one behind the other, and one more byte.
   */
  digest(bytes0: number, bytes1: number, bytes2: number, bytes3: number, out: number): void;
}

/**
 * SHA-256 (FIPS 180-4) of four payloads at a time, as a program in WebAssembly: each step of the standard is done to
 * a vector that has a number of each payload.
 * @param memoryBytes How large its memory is at least.
 * @returns undefined where there is no WebAssembly, or none with vectors.
 */
export function sha256Lanes(memoryBytes: number): Sha256Lanes | undefined {
  if (typeof WebAssembly === 'undefined') return undefined;
  const code = simd.wasmModule({ name: 'digest', ...program() }, memoryBytes);
  if (!WebAssembly.validate(code)) return undefined;
  return new WebAssembly.Instance(new WebAssembly.Module(code)).exports as Sha256Lanes;
}

// Locals: the parameters, how far the lanes are read, and vectors.
const OUT = LANES;
const AT = OUT + 1;
/** How many blocks are left of each payload. */
const LEFT = AT + 1;
const MASK = LEFT + 1;
const SUM = MASK + 1;
const STATE = locals(8, [SUM]);
const WORK = locals(8, STATE);
/** The last sixteen words of the message schedule. */
const WORDS = locals(16, WORK);
/** What is between the rows and the columns of four words. */
const HALVES = locals(4, WORDS);
const VECTORS = 3 + STATE.length + WORK.length + WORDS.length + HALVES.length;

type Four = [Code, Code, Code, Code];
type Eight = [...Four, ...Four];

const { add, and, get, greater, or, set, shiftLeft, shiftRight, xor } = simd;
const ZERO = simd.all(0);

/** So many more locals, behind these. */
function locals(count: number, before: readonly number[]): number[] {
  return Array.from({ length: count }, (_, i) => (before.at(-1) as number) + 1 + i);
}

function program(): Omit<simd.WasmFunction, 'name'> {
  const body = [
    [0, 1, 2, 3].map(pad),
    STATE.map((local, i) => set(local, simd.all(BEGINNING[i] as number))),
    simd.repeat(block(), simd.anyTrue(greater(get(LEFT), ZERO))),
    writeDigests(),
  ];
  return { parameters: OUT + 1, numbers: 1, vectors: VECTORS, body };
}

/** Behind a payload come a bit, zeros, and its length in bits, up to the end of a block. */
function pad(lane: number): Code {
  const at = laneAt(lane);
  const blocks = simd.downBy(simd.sum(get(lane), simd.number(BLOCK_BYTES + 8)), 6);
  const end = simd.upBy(blocks, 6);
  return [
    [0, 16, 32, 48, 64].map((offset) => simd.store(get(lane), at + offset, ZERO)),
    simd.storeByte(get(lane), at, simd.number(0x80)),
    simd.storeByte(end, at - 1, simd.upBy(get(lane), 3)),
    simd.storeByte(end, at - 2, simd.downBy(get(lane), 5)),
    set(LEFT, simd.replaced(get(LEFT), lane, blocks)),
  ];
}

/** One block of each payload; those that have none left stay as they are. */
function block(): Code {
  return [
    set(MASK, greater(get(LEFT), ZERO)),
    set(LEFT, simd.subtract(get(LEFT), simd.all(1))),
    STATE.map((local, i) => set(WORK[i] as number, get(local))),
    [0, 4, 8, 12].map(readWords),
    Array.from({ length: ROUNDS }, (_, t) => round(t)),
    STATE.map((local, i) => set(local, add(get(local), and(get(WORK[i] as number), get(MASK))))),
    set(AT, simd.sum(get(AT), simd.number(BLOCK_BYTES))),
  ];
}

/** Reads four words of each payload, which are big-endian: a row for each, of which columns are made. */
function readWords(first: number): Code {
  const words = WORDS.slice(first, first + 4);
  const [a, b, c, d] = words.map(get) as Four;
  const [abLow, cdLow, abHigh, cdHigh] = HALVES.map(get) as Four;
  const halves = [
    simd.shuffle(a, b, places(0, 4, 1, 5)),
    simd.shuffle(c, d, places(0, 4, 1, 5)),
    simd.shuffle(a, b, places(2, 6, 3, 7)),
    simd.shuffle(c, d, places(2, 6, 3, 7)),
  ];
  const columns = [
    simd.shuffle(abLow, cdLow, swapped(0, 1, 4, 5)),
    simd.shuffle(abLow, cdLow, swapped(2, 3, 6, 7)),
    simd.shuffle(abHigh, cdHigh, swapped(0, 1, 4, 5)),
    simd.shuffle(abHigh, cdHigh, swapped(2, 3, 6, 7)),
  ];
  return [
    words.map((local, lane) => set(local, simd.load(get(AT), laneAt(lane) + 4 * first))),
    HALVES.map((local, i) => set(local, halves[i] as Code)),
    words.map((local, i) => set(local, columns[i] as Code)),
  ];
}

/** Rather than to move eight values on, each round has them under other names. */
function round(t: number): Code {
  const [a, b, c, d, e, f, g, h] = WORK.map((_, i) => get(WORK[(i - t + ROUNDS) % 8] as number)) as Eight;
  const [newA, newE] = [WORK[(7 - t + ROUNDS) % 8] as number, WORK[(3 - t + ROUNDS) % 8] as number];
  const word = WORDS[t % 16] as number;
  const choice = xor(g, and(e, xor(f, g)));
  const majority = xor(and(a, xor(b, c)), and(b, c));
  const constant = simd.all(ROUND_CONSTANTS[t] as number);
  return [
    t < 16 ? [] : set(word, nextWord(t)),
    set(SUM, add(add(add(h, mixed(e, 6, 11, 25)), choice), add(constant, get(word)))),
    set(newE, add(d, get(SUM))),
    set(newA, add(get(SUM), add(mixed(a, 2, 13, 22), majority))),
  ];
}

function nextWord(t: number): Code {
  const [before16, before15, before7, before2] = [16, 15, 7, 2].map((n) =>
    get(WORDS[(t - n) % 16] as number),
  ) as Four;
  const one = xor(xor(rotated(before15, 7), rotated(before15, 18)), shiftRight(before15, 3));
  const two = xor(xor(rotated(before2, 17), rotated(before2, 19)), shiftRight(before2, 10));
  return add(add(before16, one), add(before7, two));
}

/**
 * Writes the state as base64url: 24 bits are four characters. From the end on, as the last three characters are
 * written with one more, where the next digest begins.
 */
function writeDigests(): Code {
  const groups = Array.from({ length: Math.ceil(DIGEST_LENGTH / 4) }, (_, group) => group).reverse();
  return groups.map((group) => [
    set(SUM, sixBitsEach(group)),
    set(SUM, characters(get(SUM))),
    [0, 1, 2, 3].map((lane) => simd.storePlace(get(OUT), lane * DIGEST_LENGTH + 4 * group, get(SUM), lane)),
  ]);
}

/** The 24 bits from 24 times `group` on: six bits a byte, the first in the lowest. */
function sixBitsEach(group: number): Code {
  const bit = 24 * group;
  const [word, bits] = [STATE[bit >> 5] as number, bit & 31];
  const next = STATE[(bit >> 5) + 1];
  const high = bits === 0 ? get(word) : shiftLeft(get(word), bits);
  // Bits 8 to 31 of this; what is below is masked out.
  const value = bits <= 8 || next === undefined ? high : or(high, shiftRight(get(next), 32 - bits));
  const parts = [
    and(shiftRight(value, 26), simd.all(0x3f)),
    and(shiftRight(value, 12), simd.all(0x3f00)),
    and(shiftLeft(value, 2), simd.all(0x3f_0000)),
    and(shiftLeft(value, 16), simd.all(0x3f00_0000)),
  ];
  return parts.reduce((one, other) => or(one, other));
}

/** From 0 to 63 each: A to Z, a to z, 0 to 9, - and _. A step is added where the number is greater than what it is for. */
function characters(values: Code): Code {
  const steps: [above: number, step: number][] = [
    [25, code('a') - code('Z') - 1],
    [51, code('0') - code('z') - 1],
    [61, code('-') - code('9') - 1],
    [62, code('_') - code('-') - 1],
  ];
  return steps.reduce<Code>(
    (sum, [above, step]) =>
      simd.addBytes(sum, and(simd.greaterBytes(values, simd.allBytes(above)), simd.allBytes(step))),
    simd.addBytes(values, simd.allBytes(code('A'))),
  );
}

const mixed = (value: Code, ...[one, two, three]: [number, number, number]): Code =>
  xor(xor(rotated(value, one), rotated(value, two)), rotated(value, three));

const rotated = (value: Code, bits: number): Code => or(shiftRight(value, bits), shiftLeft(value, 32 - bits));

/** The bytes of numbers of 32 bits, by the places of these. */
const places = (...numbers: readonly number[]): number[] =>
  numbers.flatMap((i) => [4 * i, 4 * i + 1, 4 * i + 2, 4 * i + 3]);

/** The same, each from its last byte to its first. */
const swapped = (...numbers: readonly number[]): number[] => numbers.flatMap((i) => places(i).reverse());

const code = (character: string): number => character.charCodeAt(0);

/** The first 32 bits behind the point. */
function fraction(value: number): number {
  return Math.floor((value % 1) * 2 ** 32);
}

function primes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((prime) => n % prime !== 0)) found.push(n);
  return found;
}
