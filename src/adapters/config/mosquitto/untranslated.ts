/** Settings that Surety needs no counterpart for: it does so anyway, or the system around it does. */
export const NEEDLESS: ReadonlySet<string> = new Set([
  ...['user', 'pid_file', 'daemon', 'set_tcp_nodelay', 'autosave_interval', 'autosave_on_changes'],
  ...[
    'persistence_file',
    'persistence_location',
    'log_dest',
    'log_timestamp',
    'log_timestamp_format',
    'log_facility',
  ],
  ...[
    'connection_messages',
    'websockets_log_level',
    'memory_limit',
    'http_dir',
    'socket_domain',
    'upgrade_outgoing_qos',
  ],
  ...[
    'ciphers',
    'ciphers_tls1.3',
    'dhparamfile',
    'max_topic_alias',
    'max_topic_alias_broker',
    'max_keepalive',
  ],
  ...[
    'auto_id_prefix',
    'check_retain_source',
    'retain_expiry_interval',
    'websockets_headers_size',
    'per_listener_settings',
  ],
]);

/** What to say of settings whose meaning is lost. */
export const LOST: Readonly<Record<string, string>> = {
  allow_zero_length_clientid: 'an empty client id is always accepted with clean session, and given a name',
  clientid_prefixes: 'there is no check of client ids by prefix: use an access rule with %c',
  mount_point: 'there are no mount points: give the clients topics of their own with access rules',
  bind_interface: 'listen on the address of that interface',
  psk_file: 'pre-shared keys are not supported: use certificates or passwords',
  psk_hint: 'pre-shared keys are not supported: use certificates or passwords',
  use_username_as_clientid: 'a client id is not bound to a name: use an access rule with %u',
  use_subject_as_username:
    'the whole subject is no name here: authentication.providers takes a template such as ${cn}',
  capath: 'a folder of authorities is not read: put them into one file for caFile',
  tls_engine: 'engines are not supported',
  tls_keyform: 'keys are read from files alone',
  retain_available: 'retained messages are always available: refuse them with access rules',
  queue_qos0_messages: 'QoS 0 messages for absent clients are dropped',
  plugin:
    'plugins are not supported: passwords, tokens, LDAP and webhooks are built in, see authentication.providers',
  auth_plugin:
    'plugins are not supported: passwords, tokens, LDAP and webhooks are built in, see authentication.providers',
  global_plugin:
    'plugins are not supported: passwords, tokens, LDAP and webhooks are built in, see authentication.providers',
};

/** Settings of a bridge, which is told of as a whole. */
export const BRIDGE_SETTINGS =
  /^(address|addresses|topic|remote_\w+|local_\w+|bridge_\w+|cleansession|local_cleansession|keepalive_interval|idle_timeout|restart_timeout|round_robin|start_type|threshold|notification\w*|notifications\w*|try_private|clientid|username|password)$/;
