import type { StoredRecord } from '../../domain/audit/stored-record.js';
import { patternMatches } from '../../domain/topic/topic-matching.js';
import type { TrailQuery } from '../ports/audit-archive.js';
import type { AuditReader } from '../ports/audit-reader.js';

/** Finds records of the trail, in their order, without holding more than a page of them. */
export class SearchTrail {
  constructor(private readonly reader: AuditReader) {}

  async *search({ topic, limit = Infinity, ...filter }: TrailQuery): AsyncGenerator<readonly StoredRecord[]> {
    let left = limit;
    if (left <= 0) return;
    for await (const page of this.reader.pages({ ...filter, topicPrefix: topic && prefixOf(topic) })) {
      const matching =
        topic === undefined
          ? page
          : page.filter((record) => topicsOf(record).some((one) => patternMatches(topic, one)));
      yield matching.slice(0, left);
      left -= matching.length;
      if (left <= 0) return;
    }
  }
}

/** What every topic begins with that the pattern matches. */
function prefixOf(pattern: string): string {
  const levels = pattern.split('/');
  const first = levels.findIndex((level) => level === '+' || level === '#');
  if (first === -1) return pattern;
  const prefix = levels.slice(0, first).join('/');
  return first > 0 && levels[first] === '+' ? `${prefix}/` : prefix;
}

/** What a record is about: its topic, or those of the messages that it tells of. */
function topicsOf({ topic, details }: StoredRecord): readonly string[] {
  if (topic !== undefined) return [topic];
  const topics = details?.['topics'];
  return Array.isArray(topics) ? (topics as string[]) : [];
}
