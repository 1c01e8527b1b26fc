import type { Command } from 'commander';

import { withExamples } from './examples.js';
import type { CliOutput } from './terminal-output.js';

/** `surety completion`: scripts that are made from the commands, and so know all of them. */
export function addCompletion(cli: Command, output: CliOutput): void {
  const completion = cli.command('completion').description('print what completes commands in a shell');
  withExamples(completion, [
    ['surety completion bash > /etc/bash_completion.d/surety', 'for everybody on this machine'],
    ['source <(surety completion bash)', 'for this shell'],
    ['surety completion zsh > "${fpath[1]}/_surety"', 'for zsh, from the next shell on'],
  ]);
  completion
    .command('bash')
    .description('for bash')
    .action(() => output.out(bashScript(cli)));
  completion
    .command('zsh')
    .description('for zsh')
    .action(() => output.out(zshScript(cli)));
}

/** A command by the words that lead to it, and what may follow it. */
interface Place {
  readonly path: string;
  readonly words: readonly string[];
  /** Options that take a value, and the values where those are few; else it may be a file. */
  readonly values: readonly { readonly flags: readonly string[]; readonly choices: readonly string[] }[];
}

function placesBelow(command: Command, path: readonly string[] = []): Place[] {
  const children = command.commands.filter((child) => child.name() !== 'help');
  const options = command.options.map(({ short, long, required, optional, argChoices }) => ({
    flags: [short, long].filter((flag) => flag !== undefined),
    takesValue: required || optional,
    choices: argChoices ?? [],
  }));
  const place = {
    path: path.join(' '),
    words: [...children.map((child) => child.name()), ...options.flatMap(({ flags }) => flags), '--help'],
    values: options.filter(({ takesValue }) => takesValue),
  };
  return [place, ...children.flatMap((child) => placesBelow(child, [...path, child.name()]))];
}

/** The script's own walk over the line: words that lead on make the path longer, all others are left where they are. */
function walk(places: readonly Place[]): string {
  const paths = places.flatMap(({ path }) => (path === '' ? [] : `'${path}'`)).join('|');
  return `  local path='' word next
  for word in "\${typed[@]}"; do
    next="\${path:+$path }$word"
    case "$next" in
      ${paths}) path="$next" ;;
    esac
  done`;
}

function cases(places: readonly Place[]): string {
  const wordCases = places.map(({ path, words }) => `    '${path}') words='${words.join(' ')}' ;;`);
  const valueCases = places.flatMap(({ path, values }) =>
    values.map(({ flags, choices }) => {
      const patterns = flags.map((flag) => `'${path} ${flag}'`).join('|');
      return `    ${patterns}) words='${choices.join(' ')}'; files=${choices.length === 0 ? 'yes' : ''} ;;`;
    }),
  );
  return `  local words='' files=''
  case "$path" in
${wordCases.join('\n')}
  esac
  case "$path $previous" in
${valueCases.join('\n')}
  esac`;
}

function bashScript(cli: Command): string {
  const places = placesBelow(cli);
  return `# Completion of surety for bash, made by "surety completion bash".
_surety() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local typed=("\${COMP_WORDS[@]:1:COMP_CWORD-1}")
${walk(places)}
${cases(places)}
  if [ -n "$files" ]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  fi
}
complete -F _surety surety
`;
}

function zshScript(cli: Command): string {
  const places = placesBelow(cli);
  return `#compdef surety
# Completion of surety for zsh, made by "surety completion zsh".
_surety() {
  emulate -L zsh
  local previous="\${words[CURRENT-1]}"
  local -a typed=("\${(@)words[2,CURRENT-1]}")
${walk(places).replaceAll(/\bpath\b/g, 'place')}
${cases(places)
  .replaceAll(/\bpath\b/g, 'place')
  .replaceAll(/\bwords\b/g, 'offered')}
  if [[ -n "$files" ]]; then
    _files
  else
    compadd -- \${=offered}
  fi
}
if [ "$funcstack[1]" = "_surety" ]; then
  _surety "$@"
else
  compdef _surety surety
fi
`;
}
