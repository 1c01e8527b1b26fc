/**
 * A page of the documentation as a shell script, line for line: each line of a block that is run stands where it stands in the page, so that
 * what the shell says of a line holds for both. What the fences say beside the language decides what becomes of a block:
 *
 * - `sh`: is run, and has to succeed.
 * - `sh background`: goes on behind the blocks after it, as in a terminal of its own.
 * - `sh not-run: WHY`: is left out, as is everything in other languages.
 * - `LANGUAGE file=NAME`: becomes a file in the reader's folder.
 * - `text output`: lines that the blocks before have to have printed; `...` stands for anything.
 * - `sql`: is given to `sql`, which a page defines.
 *
 * A comment `<!-- run: COMMANDS -->` on a line of its own is a step that readers don't see, such as what a page takes for granted.
 */
export function pageScript(markdown: string): string {
  let block: Translation | undefined;
  const lines = markdown.split('\n').map((line) => {
    if (block !== undefined) {
      if (line.trim() !== '```') return block.isKept ? line : '';
      const { close } = block;
      block = undefined;
      return close;
    }
    const info = /^ *```(.*)$/.exec(line)?.[1];
    if (info === undefined) return /^<!-- run: (.*) -->$/.exec(line)?.[1] ?? '';
    block = translationOf(info);
    return block.open;
  });
  if (block !== undefined) throw new Error('the last block of the page does not end');
  return lines.join('\n');
}

interface Translation {
  /** What stands for the fence above the block, and below it. */
  readonly open: string;
  readonly close: string;
  readonly isKept: boolean;
}

const END = 'END_OF_BLOCK';
const LEFT_OUT: Translation = { open: '', close: '', isKept: false };

function translationOf(info: string): Translation {
  const [language = '', ...words] = info.split(' ');
  const detail = words.join(' ');
  const file = /^file=(\S+)$/.exec(detail)?.[1];
  if (file !== undefined) return heredoc(`cat > ${file}`);
  if (language === 'text' && detail === 'output') return heredoc('printed');
  if (!['sh', 'sql'].includes(language) || detail.startsWith('not-run: ')) return LEFT_OUT;
  if (language === 'sql' && detail === '') return heredoc('sql');
  if (language === 'sh' && detail === '') return { open: '', close: '', isKept: true };
  if (language === 'sh' && detail === 'background') {
    return { open: '{', close: '} & in_background $!', isKept: true };
  }
  throw new Error(`unknown words behind a fence: ${info}`);
}

function heredoc(command: string): Translation {
  return { open: `${command} <<'${END}'`, close: END, isKept: true };
}
