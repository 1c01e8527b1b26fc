import { readFileSync } from 'node:fs';

/** A section of docs/runbooks.md. */
interface Runbook {
  /** The alert's name. */
  readonly title: string;
  /** Markdown. */
  readonly text: string;
}

/** What to do about each alert, in the order of docs/runbooks.md. */
export const RUNBOOKS: readonly Runbook[] = sections(
  readFileSync(new URL('../../../docs/runbooks.md', import.meta.url), 'utf8'),
);

function sections(document: string): Runbook[] {
  return [...document.matchAll(/^## (\w+)\n\n([^]*?)(?=\n## |$(?![^]))/gm)].map(
    ([, title = '', text = '']) => ({
      title,
      text: withoutLinks(text.trim()),
    }),
  );
}

/** Grafana has no files: links to them become their names. */
function withoutLinks(markdown: string): string {
  return markdown.replaceAll(/\[[^\]]+\]\(([\w-]+\.md)[^)]*\)/g, 'docs/$1');
}
