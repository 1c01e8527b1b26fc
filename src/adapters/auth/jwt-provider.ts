import {
  createRemoteJWKSet,
  decodeJwt,
  errors,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
} from 'jose';
import type {
  AuthenticationProvider,
  ProviderDecision,
} from '../../application/ports/authentication-provider.js';
import type { Credentials } from '../../application/ports/authenticator.js';
import type { Clock } from '../../application/ports/clock.js';
import type { Principal } from '../../domain/access/principal.js';
import { claimedPrincipal } from './claimed-rules.js';
import { type JwtKeySettings, keyFileOf, readTokenKey } from './jwt-keys.js';
import { isPlainName } from './plain-name.js';
import { refused } from './refused.js';

/** What tokens have to be like, and what is taken from them. */
export interface JwtSettings extends JwtKeySettings {
  readonly from: 'password' | 'userName';
  readonly jwksUrl?: string | undefined;
  readonly jwksMaxAgeSeconds: number;
  readonly timeoutSeconds: number;
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  readonly clockToleranceSeconds: number;
  readonly requireExpiry: boolean;
  readonly nameClaim: string;
  readonly rolesClaim?: string | undefined;
  readonly rulesClaim?: string | undefined;
  readonly clientIdClaim?: string | undefined;
  readonly userNameClaim?: string | undefined;
}

/** Three parts in base64url with dots between them (RFC 7515, compact serialization). */
const TOKEN = /^[\w-]+\.[\w-]*\.[\w-]*$/;

/** JSON Web Tokens (RFC 7519), checked with the keys of their issuer. */
export class JwtProvider implements AuthenticationProvider {
  readonly files: readonly string[];
  private key: JWTVerifyGetKey = () => Promise.reject(new Error('the keys have not been read'));
  private material = '';

  constructor(
    readonly name: string,
    private readonly settings: JwtSettings,
    private readonly clock: Clock,
  ) {
    const file = keyFileOf(settings);
    this.files = file === undefined ? [] : [file];
  }

  async reload(): Promise<boolean> {
    const { jwksUrl, jwksMaxAgeSeconds, timeoutSeconds } = this.settings;
    if (jwksUrl === undefined) return this.readKeyFile();
    if (this.material !== '') return false;
    this.material = jwksUrl;
    this.key = createRemoteJWKSet(new URL(jwksUrl), {
      timeoutDuration: timeoutSeconds * 1000,
      cacheMaxAge: jwksMaxAgeSeconds * 1000,
    });
    return true;
  }

  async decide(credentials: Credentials): Promise<ProviderDecision> {
    const token = this.tokenOf(credentials);
    if (token === undefined) return 'ignored';
    const {
      algorithms,
      audience,
      clockToleranceSeconds: clockTolerance,
      issuer,
      requireExpiry,
    } = this.settings;
    // Of another issuer: another provider may know it.
    if (issuer !== undefined && issuerOf(token) !== issuer) return 'ignored';
    try {
      const { payload } = await jwtVerify(token, this.key, {
        algorithms: [...algorithms],
        ...(issuer === undefined ? {} : { issuer }),
        ...(audience === undefined ? {} : { audience }),
        ...(requireExpiry ? { requiredClaims: ['exp'] } : {}),
        clockTolerance,
        currentDate: new Date(this.clock.nowMs()),
      });
      return this.accepted(payload, credentials);
    } catch (error) {
      const reason = refusalOf(error);
      if (reason === undefined) throw error;
      return refused(reason);
    }
  }

  private async readKeyFile(): Promise<boolean> {
    const { key, material } = await readTokenKey(this.settings);
    if (material === this.material) return false;
    this.material = material;
    this.key = key;
    return true;
  }

  private tokenOf({ userName, password }: Credentials): string | undefined {
    const isInPassword = this.settings.from === 'password';
    const text = isInPassword ? password && Buffer.from(password).toString('latin1') : userName;
    return text !== undefined && TOKEN.test(text) ? text : undefined;
  }

  private accepted(claims: JWTPayload, { clientId, userName }: Credentials): ProviderDecision {
    const { clientIdClaim, userNameClaim, nameClaim, clockToleranceSeconds } = this.settings;
    if (clientIdClaim !== undefined && claims[clientIdClaim] !== clientId) return refused('token_client_id');
    if (userNameClaim !== undefined && claims[userNameClaim] !== userName) return refused('token_user_name');
    const name = claims[nameClaim];
    if (typeof name !== 'string' || !isPlainName(name)) return refused('token_name');
    const principal = this.principal(name, claims);
    if (principal === undefined) return refused('token_rules');
    // What was let in late, as clocks may differ, is let out as late.
    const expiresAtMs = claims.exp === undefined ? undefined : (claims.exp + clockToleranceSeconds) * 1000;
    return { principal, expiresAtMs };
  }

  /** Undefined when its roles or rules can't be read. */
  private principal(name: string, claims: JWTPayload): Principal | undefined {
    const { rolesClaim, rulesClaim } = this.settings;
    const roles = rolesClaim === undefined ? [] : claims[rolesClaim];
    const rules = rulesClaim === undefined ? undefined : (claims[rulesClaim] ?? []);
    return claimedPrincipal(name, roles, rules, 'token');
  }
}

function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

/** What is wrong with the token; undefined when the fault is another, such as keys that can't be fetched. */
function refusalOf(error: unknown): string | undefined {
  if (error instanceof errors.JWTExpired) return 'token_expired';
  if (error instanceof errors.JWTClaimValidationFailed) return `token_claim_${error.claim}`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'token_signature';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'token_algorithm';
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys)
    return 'token_key';
  const isToken = error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid;
  return isToken ? 'token_invalid' : undefined;
}
