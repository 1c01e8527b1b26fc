import type { Reloadable } from '../../application/ports/reloadable.js';
import type { TlsCredentials } from './tls-credentials.js';

/** The certificates of all listeners, to be read anew together. */
export class ListenerCertificates implements Reloadable {
  readonly name = 'certificates';
  readonly files: readonly string[];

  /** @param byListener In the order of the listeners; undefined for those without TLS. */
  constructor(readonly byListener: readonly (TlsCredentials | undefined)[]) {
    this.files = [...new Set(byListener.flatMap((credentials) => credentials?.files ?? []))];
  }

  /** Those of one listener that are faulty keep no other from its new ones. */
  reload(): Promise<boolean> {
    let isChanged = false;
    const problems = new Set<string>();
    for (const credentials of this.byListener) {
      try {
        if (credentials?.reload() === true) isChanged = true;
      } catch (error) {
        problems.add(error instanceof Error ? error.message : String(error));
      }
    }
    if (problems.size > 0) return Promise.reject(new Error([...problems].join('\n')));
    return Promise.resolve(isChanged);
  }
}
