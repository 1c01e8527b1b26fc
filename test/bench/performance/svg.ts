/** An SVG element as text; attributes that are undefined are left out. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  ...content: readonly string[]
): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escape(typeof value === 'number' ? rounded(value) : String(value))}"`)
    .join('');
  return content.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${content.join('')}</${name}>`;
}

/** A line of text. @param anchor Which end of it stands at `x`. */
export function text(
  x: number,
  y: number,
  content: string,
  { anchor = 'start', size = 12, bold = false }: TextStyle = {},
): string {
  const style = { 'text-anchor': anchor, 'font-size': size, 'font-weight': bold ? 'bold' : undefined };
  return element('text', { x, y, ...style }, escape(content));
}

interface TextStyle {
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly size?: number;
  readonly bold?: boolean;
}

/** A whole picture on white, so that it can be read in dark surroundings too. */
export function picture(width: number, height: number, title: string, parts: readonly string[]): string {
  const frame = { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, width, height };
  const font = { 'font-family': 'system-ui, sans-serif', fill: '#222' };
  const background = element('rect', { width, height, fill: '#fff' });
  const lines = [element('title', {}, escape(title)), background, ...parts].map((part) => `  ${part}`);
  return element('svg', { ...frame, ...font, role: 'img' }, `\n${lines.join('\n')}\n`) + '\n';
}

/** The colours of series, told apart by those who see no red and green either. */
export const COLOURS: readonly string[] = ['#0b6e99', '#e08a00', '#7a7a7a', '#8a4fbf'];

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escape(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
