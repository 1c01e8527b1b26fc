/** The exit codes that operators and scripts may rely on. */
export const EXIT = {
  ok: 0,
  failed: 1,
  wrongUsage: 2,
  unchecked: 2,
  notFound: 3,
  unreachable: 4,
  notAllowed: 5,
} as const;
