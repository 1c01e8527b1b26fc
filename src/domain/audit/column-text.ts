/**
 * A column of whole numbers as a text: the differences from each number to the next, the first from 0, in decimal with a
 * space between them; `d*n` stands for n equal ones in a row. Numbers that stay the same or count up take no room.
 */
export class ColumnWriter {
  private text = '';
  private last = 0;
  private difference = 0;
  private count = 0;

  /** Adds a number, as often as it comes in a row. */
  add(value: number, times = 1): void {
    this.step(value - this.last, 1);
    if (times > 1) this.step(0, times - 1);
  }

  /** Adds so many numbers, each this much more than the one before. */
  step(difference: number, times: number): void {
    if (difference !== this.difference) this.endRun();
    this.difference = difference;
    this.count += times;
    this.last += difference * times;
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

/** The column of the first so many numbers. */
export function columnText(values: ArrayLike<number>, rows: number): string {
  const writer = new ColumnWriter();
  let last = 0;
  for (let row = 0; row < rows;) {
    const from = row;
    const difference = (values[row] as number) - last;
    last = values[row++] as number;
    while (row < rows && (values[row] as number) - last === difference) last = values[row++] as number;
    writer.step(difference, row - from);
  }
  return writer.finish();
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
