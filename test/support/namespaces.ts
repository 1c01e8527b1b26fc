/**
 * A command line that runs a bash script with file systems, processes and a network of its own, as root; it ends with all that it started when it is
 * killed. Linux only; for other users than root it takes `sudo` without a password.
 */
export function inNamespaces(script: string, args: readonly string[]): readonly [string, readonly string[]] {
  if (process.platform !== 'linux') throw new Error('this takes the namespaces of Linux');
  const kinds = ['--net', '--mount', '--pid', '--ipc', '--uts', '--cgroup', '--fork', '--kill-child'];
  const words = ['unshare', ...kinds, 'bash', script, ...args];
  return process.getuid?.() === 0 ? ['unshare', words.slice(1)] : ['sudo', ['-n', ...words]];
}
