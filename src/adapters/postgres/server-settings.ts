/** The number in the socket's file name; the directory around it is private, so it never collides. */
export const socketPort = 5432;

/** The socket's name in PostgreSQL's data directory. */
export const socketName = `.s.PGSQL.${socketPort}`;

/**
 * What the embedded server is started with. Given on the command line at each start, so that an update of the
 * broker brings its own settings along and no file in the data directory can weaken the first group.
 */
export function serverSettings(): Readonly<Record<string, string>> {
  return {
    ...durability,
    // The socket is named relative to the working directory: no limit on its length, no directory to search.
    // PostgreSQL's data directory lets nobody else in, so neither does the socket.
    listen_addresses: '',
    unix_socket_directories: '.',
    unix_socket_permissions: '0700',
    port: String(socketPort),
    ...journal,
    ...vacuum,
    ...logging,
    // Sees within a second that a killed broker is gone, even in the middle of a query.
    ...(process.platform === 'linux' && { client_connection_check_interval: '1s' }),
  };
}

/** An acknowledgement stands on these. */
const durability = { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on' };

/** Many small commits on few connections, beside a broker that needs the processor more. */
const journal = {
  max_connections: '30',
  shared_buffers: '128MB',
  wal_buffers: '16MB',
  min_wal_size: '256MB',
  // Together with the timeout this bounds the recovery after a crash: 2 GB replay in about ten seconds.
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  checkpoint_completion_target: '0.9',
  jit: 'off',
  io_method: 'sync',
  max_parallel_workers_per_gather: '0',
  max_logical_replication_workers: '0',
};

/** Queue tables are emptied as fast as they fill: dead rows pile up within seconds, not days. */
const vacuum = {
  autovacuum: 'on',
  autovacuum_naptime: '15s',
  autovacuum_max_workers: '2',
  autovacuum_vacuum_scale_factor: '0.05',
  autovacuum_vacuum_insert_scale_factor: '0.1',
  autovacuum_analyze_scale_factor: '0.05',
  autovacuum_vacuum_cost_limit: '1000',
};

const logging = {
  log_destination: 'stderr',
  logging_collector: 'off',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] %q%a ',
  log_timezone: 'UTC',
  timezone: 'UTC',
};
