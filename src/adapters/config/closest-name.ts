/**
 * Finds the name that a mistyped one most likely meant, for a "did you mean".
 * Case, `_` and `-` don't count, so that `packet_bytes_max` leads to `packetBytesMax`.
 *
 * @returns Nothing when no name is near enough for the hint to be of help.
 */
export function closestName(typed: string, known: readonly string[]): string | undefined {
  const wanted = plain(typed);
  const editsMax = Math.max(1, Math.floor(wanted.length / 3));
  let best: string | undefined;
  let bestEdits = editsMax + 1;
  for (const name of known) {
    const edits = editsBetween(wanted, plain(name));
    if (edits < bestEdits) {
      best = name;
      bestEdits = edits;
    }
  }
  return best;
}

function plain(name: string): string {
  return name.replace(/[_-]/g, '').toLowerCase();
}

/** How many letters to insert, remove, replace or swap with their neighbour; one row of the table at a time. */
function editsBetween(left: string, right: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const isSame = left[i - 1] === right[j - 1];
      const isSwapped = left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      row.push(
        Math.min(
          cell(last, j - 1) + (isSame ? 0 : 1),
          cell(last, j) + 1,
          cell(row, j - 1) + 1,
          isSwapped ? cell(beforeLast, j - 2) + 1 : Infinity,
        ),
      );
    }
    beforeLast = last;
    last = row;
  }
  return cell(last, right.length);
}

/** A cell outside the table is no way to get anywhere. */
function cell(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
