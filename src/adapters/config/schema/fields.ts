import { z } from 'zod';

import { parseTopicFilter } from '../../../domain/topic/topic-filter.js';

/** Node.js timers wrap past 2^31 ms, so that a longer wait would end at once. */
export const WAIT_SECONDS_LIMIT = 86_400;

/** A whole number with a least value. */
export const count = (min: number, fallback: number, doc: string) =>
  z.int().min(min).default(fallback).describe(doc);
/** A whole number within bounds. */
export const countUpTo = (min: number, max: number, fallback: number, doc: string) =>
  z.int().min(min).max(max).default(fallback).describe(doc);
/** A text that isn't empty. */
export const text = (doc: string) => z.string().min(1).describe(doc);
/** The same, or nothing. */
export const optionalText = (doc: string) => text(doc).optional();
/** An address or host name. */
export const host = (fallback: string, doc: string) =>
  z
    .string()
    .regex(/^[^\s/]+$/, 'must be an address or a host name alone, such as 127.0.0.1')
    .default(fallback)
    .describe(doc);
/** A topic filter; how long and deep one may be is no matter here. */
export const topicFilter = z
  .string()
  .refine(
    (text) => parseTopicFilter(text, { topicBytesMax: 65_535, topicLevelsMax: 65_535 }) !== undefined,
    'must be a topic or a filter, such as plant/7/state, plant/+/state or plant/#',
  );
/** A TCP port; 0 takes any free one. */
export const port = (fallback: number, doc: string) => countUpTo(0, 65_535, fallback, doc);
