import type { Administration } from '../../../application/administration/administration.js';
import type { ClientTraces, TraceInfo, TraceRequest } from '../../../application/ports/client-traces.js';
import { type AdminRoute, isDurable, route } from '../admin-route.js';
import { notFound, ProblemError } from '../problem.js';
import { changeResult, flag, integer, objectOf, text, time, timeText } from '../schemas.js';

const TAG = 'Traces';
const SECONDS_MAX = 86_400;
const BYTES_MIN = 1024;
const BYTES_MAX = 1_073_741_824;

const seconds = { ...integer('It ends after so long.'), minimum: 1, maximum: SECONDS_MAX };
const bytesMax = {
  ...integer('Or when its file has so many bytes.'),
  minimum: BYTES_MIN,
  maximum: BYTES_MAX,
};
const payloads = flag('Whether payloads are written out; else only their lengths are.');
const clientId = text('Whose packets are written down; it need not be connected.', { minLength: 1 });
const traceFields = {
  id: text('What it is stopped by.'),
  clientId,
  file: text("Its path on the broker's machine."),
  startedAt: time('When it was started.'),
  bytes: integer('What its file has by now.'),
  ...{ seconds, bytesMax, payloads },
};

/** Packets of single clients, written down on the broker's machine. */
export function traceRoutes(
  administration: Administration,
  traces: Pick<ClientTraces, 'start' | 'stop' | 'list'>,
): readonly AdminRoute[] {
  return [
    route({
      ...{ method: 'GET', url: '/v1/traces', scope: 'read', tag: TAG, name: 'listTraces' },
      summary: 'List the traces that are running',
      answers: objectOf({ items: { type: 'array', items: objectOf(traceFields) } }),
      handle: () => ({ items: traces.list().map(traceItem) }),
    }),
    route<{ body: TraceRequest }>({
      ...{ method: 'POST', url: '/v1/traces', scope: 'operate', tag: TAG },
      ...{ name: 'startTrace', action: 'trace.start' },
      summary: 'Have the packets of a client written to a file on the machine of the broker',
      body: objectOf(
        {
          clientId,
          seconds: { ...seconds, default: 300 },
          bytesMax: { ...bytesMax, default: 10_485_760 },
          payloads: { ...payloads, default: false },
        },
        ['clientId'],
      ),
      answers: changeResult(traceFields),
      problems: { 409: 'The client is traced already, too many are, or the file can not be made.' },
      handle: async ({ body, caller }) => {
        const trace = started(traces, body);
        const { id, seconds, bytesMax, payloads } = trace;
        const details = { trace: id, seconds, bytesMax, payloads };
        const { clientId } = trace;
        const change = administration.changed('trace.start', caller, { clientId, details });
        return { ...traceItem(trace), durable: await isDurable(change) };
      },
    }),
    route<{ params: { id: string } }>({
      ...{ method: 'DELETE', url: '/v1/traces/:id', scope: 'operate', tag: TAG },
      ...{ name: 'stopTrace', action: 'trace.stop' },
      summary: 'Stop a trace; its file stays',
      params: objectOf({ id: traceFields.id }),
      answers: changeResult({ file: traceFields.file }),
      problems: { 404: 'No such trace is running.' },
      handle: async ({ params: { id }, caller }) => {
        const trace = traces.list().find((running) => running.id === id);
        if (trace === undefined || !traces.stop(id))
          throw notFound(`no trace "${id}" is running: GET /v1/traces lists those that are`);
        const { clientId, file } = trace;
        const change = administration.changed('trace.stop', caller, { clientId, details: { trace: id } });
        return { file, durable: await isDurable(change) };
      },
    }),
  ];
}

function started(traces: Pick<ClientTraces, 'start'>, request: TraceRequest): TraceInfo {
  try {
    return traces.start(request);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new ProblemError({ status: 409, code: 'trace_refused', detail });
  }
}

function traceItem({ startedMs, ...trace }: TraceInfo) {
  return { ...trace, startedAt: timeText(startedMs) };
}
