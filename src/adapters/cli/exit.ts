/** The exit codes that operators and scripts may rely on. */
export const EXIT = { ok: 0, failed: 1, wrongUsage: 2, unchecked: 2 } as const;
