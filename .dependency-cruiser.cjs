/** The dependency rule, as an allow-list: what is not named here may not be imported. */
const rule = (name, from, to) => ({ name, severity: 'error', from, to });
const fence = (name, npmPackage, folder) =>
  rule(
    `${name}-only-in-its-adapter`,
    { path: '^src', pathNot: `^src/adapters/${folder}/` },
    { path: `node_modules/${npmPackage}/` },
  );

module.exports = {
  forbidden: [
    rule('domain-imports-only-domain', { path: '^src/domain' }, { pathNot: '^src/domain' }),
    rule(
      'application-imports-only-inward',
      { path: '^src/application' },
      { pathNot: '^src/(domain|application)' },
    ),
    rule(
      'adapters-enter-by-ports-or-broker',
      { path: '^src/adapters' },
      {
        path: '^src/application',
        pathNot: '^src/application/(ports/|broker\\.ts$|administration/administration\\.ts$)',
      },
    ),
    rule(
      // But for how files are written, which is one way for all.
      'adapters-ignore-each-other',
      { path: '^src/adapters/([^/]+)/' },
      { path: '^src/adapters/', pathNot: '^src/adapters/($1/|files/whole-file\\.ts$)' },
    ),
    rule(
      'only-the-root-wires',
      { path: '^src', pathNot: '^src/((main|container)\\.ts$|wiring/)' },
      { path: 'node_modules/(inversify|reflect-metadata)|^src/((main|container)\\.ts$|wiring/)' },
    ),
    rule('no-cycles', {}, { circular: true }),
    rule(
      'only-declared-packages',
      { path: '^src' },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown', 'unknown'] },
    ),
    fence('mqtt-packet', 'mqtt-packet', 'mqtt'),
    fence('postgres', 'postgres', 'postgres'),
    fence('prom-client', 'prom-client', 'prometheus'),
    fence('pino', 'pino', 'log'),
    fence('zod', 'zod', 'config'),
    fence('yaml', 'yaml', 'config'),
    fence('commander', 'commander', 'cli'),
    fence('ws', 'ws', 'transport'),
    fence('fastify', '(@fastify/[^/]+|fastify)', 'http'),
    fence('@node-rs/argon2', '@node-rs/argon2', 'auth'),
    fence('jose', 'jose', 'auth'),
    fence('ldapts', 'ldapts', 'auth'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
