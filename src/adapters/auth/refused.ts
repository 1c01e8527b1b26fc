import type { ProviderDecision } from '../../application/ports/authentication-provider.js';
import { ConnectCode } from '../../domain/connect-code.js';

/** What a client showed is wrong. @param reason Never a text that a client chose. */
export function refused(reason: string): ProviderDecision {
  return { refusal: ConnectCode.badUserNameOrPassword, reason };
}
