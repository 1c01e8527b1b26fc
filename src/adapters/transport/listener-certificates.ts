import type { Reloadable } from '../../application/ports/reloadable.js';
import type { TlsCredentials } from './tls-credentials.js';

/** The certificates of all listeners, to be read anew together. */
export class ListenerCertificates implements Reloadable {
  readonly name = 'certificates';

  /** @param listeners Those that there are at the moment. */
  constructor(private readonly listeners: { readonly credentials: readonly TlsCredentials[] }) {}

  get files(): readonly string[] {
    return [...new Set(this.listeners.credentials.flatMap(({ files }) => files))];
  }

  /** Those of one listener that are faulty keep no other from its new ones. */
  reload(): Promise<boolean> {
    let isChanged = false;
    const problems = new Set<string>();
    for (const credentials of this.listeners.credentials) {
      try {
        if (credentials.reload()) isChanged = true;
      } catch (error) {
        problems.add(error instanceof Error ? error.message : String(error));
      }
    }
    if (problems.size > 0) return Promise.reject(new Error([...problems].join('\n')));
    return Promise.resolve(isChanged);
  }
}
