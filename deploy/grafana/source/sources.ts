import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/dashboard';

/** Where figures come from: the source that the dashboard's variable names. */
export const PROMETHEUS = { type: 'prometheus', uid: '${datasource}' } as const satisfies DataSourceRef;

/** Where single sessions and records come from. */
export const POSTGRES = {
  type: 'grafana-postgresql-datasource',
  uid: '${database}',
} as const satisfies DataSourceRef;
