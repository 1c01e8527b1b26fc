import type { Administration } from '../../../application/administration/administration.js';
import type { AccessExplainer } from '../../../application/ports/access-explainer.js';
import { ACCESS_ACTIONS, type AccessAction } from '../../../domain/access/access-rule.js';
import type { Principal } from '../../../domain/access/principal.js';
import type { QoS } from '../../../domain/qos.js';
import { type AdminRoute, route } from '../admin-route.js';
import { choice, flag, objectOf, qos, text } from '../schemas.js';

interface ExplainQuery {
  readonly clientId: string;
  readonly user?: string;
  readonly role?: string[];
  readonly action: AccessAction;
  readonly topic: string;
  readonly qos: QoS;
  readonly retain: boolean;
}

/** Which rule allows or refuses something. */
export function explainRoutes({ browse }: Administration, explainer: AccessExplainer): readonly AdminRoute[] {
  return [
    route<{ query: ExplainQuery }>({
      ...{ method: 'GET', url: '/v1/access/explanation', scope: 'read', tag: 'Roles', name: 'explainAccess' },
      summary: 'Say which rule allows or refuses what a client wants to do, by the rules in force',
      query: objectOf(
        {
          clientId: text('The client id.', { minLength: 1 }),
          user: text(
            'The name that it proves. Without it and `role`, a connected client is asked about as it is.',
          ),
          role: {
            type: 'array',
            items: { type: 'string' },
            description: "A role that the client's proof brings, as a token may; may be given several times.",
          },
          action: choice(ACCESS_ACTIONS, 'What it wants to do.'),
          topic: text('The topic, or the filter of a subscription.'),
          qos: { ...qos, default: 0 },
          retain: { ...flag('Whether what it publishes is retained.'), default: false },
        },
        ['clientId', 'action', 'topic'],
      ),
      answers: objectOf({
        allowed: flag('Whether it may.'),
        rule: text('The rule that decides and where it stands, as refusals in the audit trail name it.'),
        qosMax: { ...qos, description: 'The highest quality of service that is allowed.' },
        partial: flag('Of a subscription: whether some of its topics may be held back.'),
      }),
      handle: ({ query: { user, role, ...question } }) => {
        const asked: Principal = { name: user, roles: role ?? [], rules: undefined };
        const isAsItIs = user === undefined && role === undefined;
        const principal = (isAsItIs ? browse.principal(question.clientId) : undefined) ?? asked;
        const { isAllowed, isPartial, rule, qosMax } = explainer.explain({ ...question, principal });
        return { allowed: isAllowed, rule, qosMax, partial: isPartial };
      },
    }),
  ];
}
