/**
 * A column of whole numbers as a text: the differences from each number to the next, the first from 0, in decimal with a
 * space between them; `d*n` stands for n equal ones in a row. Numbers that stay the same or count up take no room.
 */
export class ColumnWriter {
  private text = '';
  private last = 0;
  private difference = 0;
  private count = 0;

  add(value: number): void {
    const difference = value - this.last;
    this.last = value;
    if (difference !== this.difference) this.endRun();
    this.difference = difference;
    this.count++;
  }

  /** The text of what was added. */
  finish(): string {
    this.endRun();
    return this.text;
  }

  private endRun(): void {
    const { count, difference, text } = this;
    if (count === 0) return;
    const run = count === 1 ? `${difference}` : `${difference}*${count}`;
    this.text = text === '' ? run : `${text} ${run}`;
    this.count = 0;
  }
}

const RUN = /^(-?\d{1,16})(?:\*([1-9]\d{0,15}))?$/;

/**
 * Reads a column back.
 * @param rows How many numbers it must have.
 * @returns undefined when the text is not such a column.
 */
export function readColumn(text: unknown, rows: number): number[] | undefined {
  if (typeof text !== 'string') return undefined;
  const values: number[] = [];
  let last = 0;
  for (const run of text === '' ? [] : text.split(' ')) {
    const [, difference, times = '1'] = RUN.exec(run) ?? [];
    if (difference === undefined || values.length + Number(times) > rows) return undefined;
    for (let left = Number(times); left > 0; left--) values.push((last += Number(difference)));
  }
  return values.length === rows ? values : undefined;
}
