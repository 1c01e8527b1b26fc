import { BOARDS } from './addresses.js';
import type { Board } from './board.js';
import { figure, graph, list } from './panels.js';
import { curve, increase, of, present, quantile, rate, sql, sqlCurves, sum } from './queries.js';
import { POSTGRES } from './sources.js';

/** In a condition: records in the time shown, with the text in their client id that was asked for. */
const RECORDS_ASKED_FOR = "$__timeFilter(at) and strpos(coalesce(client_id, ''), ${client:sqlstring}) > 0";

/** Kinds of records about something that was not let happen. */
const REFUSALS = "kind in ('connection.refused', 'publish.denied', 'subscription.denied', 'admin.refused')";

/** How many events a record stands for: repeated refusals are counted in one. */
const EVENTS = "sum(coalesce((details->>'count')::bigint, 1))";

const RECORD_COLUMNS =
  'at as "Time", kind as "Kind", client_id as "Client", principal as "User", address as "Address", reason as "Reason", ' +
  'rule as "Rule", topic as "Topic", details::text as "Details", sequence as "Record"';

/** Who was let in and who wasn't, what was refused and why, and how the audit trail is kept. */
export const security: Board = {
  uid: BOARDS.security,
  title: 'security and audit',
  about:
    'Who was let in and who was not, what was refused and why, and how the audit trail is kept. Curves come from Prometheus, ' +
    'records from the audit trail in the database.',
  hasSql: true,
  inputs: { client: 'Client id has' },
  rows: {
    'Who gets in': [
      graph({
        title: 'Logins, by provider and result',
        about: 'Decisions on who a client is, in a second. `none` is for those whom nobody vouched for.',
        queries: [
          curve(sum(rate('surety_authentications_total'), 'provider', 'result'), '{{provider}} {{result}}'),
        ],
        unit: 'cps',
        alerts: ['SuretyRefusals', 'SuretyAuthenticationFails'],
      }),
      graph({
        title: 'Refused CONNECTs, by return code',
        about:
          '4: name or password are wrong; 5: not allowed; 3: not possible now; 2: a client id that may not be; 1: another protocol.',
        queries: [curve(sum(rate('surety_connects_refused_total'), 'code'), 'code {{code}}')],
        unit: 'cps',
        alerts: ['SuretyRefusals'],
      }),
      graph({
        title: 'How long providers take (p99)',
        about: 'The answers of each authentication provider.',
        queries: [
          curve(quantile(0.99, 'surety_authentication_decision_seconds', 'provider'), '{{provider}}'),
        ],
        unit: 's',
        alerts: ['SuretyAuthenticationFails'],
      }),
      graph({
        title: 'Connections ended, by reason',
        about: 'In a second. The reasons are in docs/metrics.md and in the audit trail.',
        queries: [curve(sum(rate('surety_connections_closed_total'), 'reason'), '{{reason}}')],
        unit: 'cps',
      }),
      figure({
        title: 'Refused for their credentials',
        about: 'Clients a second whose credentials do not hold, over five minutes.',
        queries: [curve(of('instance:surety_connects_refused_credentials:rate5m'))],
        unit: 'cps',
        limits: [1, 5],
        height: 8,
        alerts: ['SuretyRefusals'],
      }),
      figure({
        title: 'Bans',
        about: 'Bans that hold, of addresses, client ids and users.',
        queries: [present(of('surety_bans'))],
        height: 8,
      }),
      graph({
        title: 'Publishers held back, by reason',
        about:
          'Times in a second that reading from a publisher was put off: too many messages or bytes, or too little memory.',
        queries: [curve(sum(rate('surety_reading_slowed_total'), 'reason'), '{{reason}}')],
        unit: 'cps',
      }),
    ],
    'What they may do': [
      graph({
        title: 'Denied, by action and whose rule',
        about:
          'Publishes, subscriptions and wills that the access rules do not allow, in a second. `none`: no rule allows it.',
        queries: [
          curve(
            sum(rate('surety_authorizations_total', 'result="denied"'), 'action', 'provider'),
            '{{action}} {{provider}}',
          ),
        ],
        unit: 'cps',
        width: 6,
      }),
      graph({
        title: 'Decided, by action and result',
        about: 'What clients wanted to do, in a second, and whether they were let.',
        queries: [
          curve(sum(rate('surety_authorizations_total'), 'action', 'result'), '{{action}} {{result}}'),
        ],
        unit: 'cps',
        width: 6,
      }),
      graph({
        title: 'Subscriptions refused, by reason',
        about: 'Answered by SUBACK code 0x80, in a second.',
        queries: [curve(sum(rate('surety_subscriptions_refused_total'), 'reason'), '{{reason}}')],
        unit: 'cps',
        width: 6,
      }),
      graph({
        title: 'Refusals in the audit trail',
        about: 'By kind and reason, with those counted that one record stands for.',
        source: POSTGRES,
        queries: [
          sqlCurves(
            `select $__timeGroupAlias(at, $__interval), concat_ws(' ', kind, reason) as metric, ${EVENTS} as value ` +
              `from surety_report.audit where ${REFUSALS} and ${RECORDS_ASKED_FOR} group by 1, 2 order by 1`,
          ),
        ],
        width: 6,
      }),
      list({
        title: 'Who is refused most',
        about: 'Clients and addresses with the most refusals in the time shown.',
        width: 12,
        queries: [
          sql(
            `select client_id as "Client", address as "Address", kind as "Kind", reason as "Reason", ${EVENTS} as "Times", ` +
              `max(at) as "Last" from surety_report.audit where ${REFUSALS} and ${RECORDS_ASKED_FOR} ` +
              'group by client_id, address, kind, reason order by 5 desc limit 50',
          ),
        ],
        columns: { Client: { leadsTo: 'security' } },
        alerts: ['SuretyRefusals'],
      }),
      list({
        title: 'Bans that hold',
        about: 'Who is kept out, by whom and until when.',
        width: 12,
        queries: [
          sql(
            'select address as "Address", client_id as "Client", user_name as "User", reason as "Reason", ' +
              'imposed_by as "By", created_at as "Since", expires_at as "Until" ' +
              'from surety_report.bans order by created_at desc limit 200',
          ),
        ],
      }),
    ],
    'The audit trail': [
      graph({
        title: 'Records',
        about: 'Written in a second.',
        queries: [curve(rate('surety_audit_records_total'))],
        unit: 'cps',
      }),
      graph({
        title: 'Not yet under a checkpoint',
        about: 'How long the oldest record has waited for a signed checkpoint.',
        queries: [curve(of('surety_audit_checkpoint_age_seconds'))],
        unit: 's',
        limits: [600, 3600],
        alerts: ['SuretyAuditUnsigned'],
      }),
      figure({
        title: 'Written',
        about: 'Whether the audit trail is written.',
        queries: [present(of('surety_audit_written'))],
        words: { '1': { text: 'yes', color: 'green' }, '0': { text: 'no', color: 'orange' } },
        height: 8,
      }),
      figure({
        title: 'Not told to syslog',
        about:
          'Checkpoints in the time shown that never went to the syslog server, because it was away for too long.',
        queries: [present(sum(increase('surety_audit_syslog_dropped_total')), 'checkpoints')],
        limits: [1],
        height: 8,
        alerts: ['SuretyAuditUnsigned'],
      }),
      list({
        title: 'What operators and the configuration changed',
        about: 'Calls of the admin API, and changes of users, roles, rules, bans and the configuration.',
        width: 24,
        queries: [
          sql(
            'select at as "Time", kind as "Kind", principal as "By", address as "From", reason as "Reason", ' +
              'topic as "Topic", details::text as "Details", sequence as "Record" from surety_report.audit ' +
              "where (kind ~ '^(admin|user|role|access|ban|configuration|broker)\\.' or kind = 'audit.disabled') " +
              'and $__timeFilter(at) order by at desc limit 100',
          ),
        ],
      }),
      list({
        title: 'Latest records',
        about:
          'Of the clients that were asked for above, in the time shown. `surety audit search` finds more.',
        width: 24,
        queries: [
          sql(
            `select ${RECORD_COLUMNS} from surety_report.audit where ${RECORDS_ASKED_FOR} ` +
              'order by at desc, sequence desc limit 200',
          ),
        ],
        columns: { Client: { leadsTo: 'security' } },
      }),
    ],
  },
};
