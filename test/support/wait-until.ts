const POLL_MS = 10;

/**
 * Resolves as soon as `condition` holds; for what can only be looked at, not awaited.
 *
 * @param condition May take its time, which isn't cut short: the next look begins when this one has ended.
 * @param what Names the awaited state in the error, as in "gave up waiting for <what>".
 * @param waitMsMax Milliseconds before it gives up.
 * @throws Error when the condition doesn't hold in time.
 */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  what: string,
  waitMsMax = 10_000,
): Promise<void> {
  const deadline = Date.now() + waitMsMax;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`gave up waiting for ${what} after ${waitMsMax} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/**
 * Puts a bound on a promise, so that a test fails with a name for what it waited for.
 *
 * @param waitMsMax Milliseconds before it gives up; the promise itself is not cancelled.
 * @throws Error when the promise is still pending then, or whatever the promise rejects with.
 */
export async function withinMs<T>(promise: Promise<T>, what: string, waitMsMax = 10_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`gave up waiting for ${what} after ${waitMsMax} ms`));
    }, waitMsMax);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
