import { expect, test } from '@jest/globals';
import { call, instructionsOf, playOf } from '../../image/dockerfile.js';

const play = (...lines: string[]) => playOf(instructionsOf(lines.join('\n')));

test('instructions become steps in their order, without comments and across lines that go on', () => {
  const { steps } = play(
    '# a comment',
    'ARG NODE_IMAGE=node',
    'FROM ${NODE_IMAGE} AS build',
    'WORKDIR /build',
    'RUN npm ci \\',
    '    && npm run build',
    'FROM ${NODE_IMAGE}',
    'COPY --from=build /build/dist ./dist',
    'COPY bin package.json ./',
    'ENV A=1 \\',
    '    B=2',
  );
  expect(steps).toEqual([
    "'stage' 'build'",
    "'workdir' '/build'",
    "'run' 'npm ci && npm run build'",
    "'stage' 'final'",
    "'copy' 'build' '/build/dist' './dist'",
    "'copy' '' 'bin' 'package.json' './'",
    "'environment' 'A=1' 'B=2'",
  ]);
});

test('what a container runs is told apart from how it is made', () => {
  const made = play(
    'HEALTHCHECK --interval=10s \\',
    '  CMD ["node", "-e", "1"]',
    'ENTRYPOINT ["node", "main.js"]',
    'CMD ["start"]',
  );
  expect(made).toEqual({
    steps: [],
    health: ['node', '-e', '1'],
    entry: ['node', 'main.js'],
    command: ['start'],
  });
});

test('an instruction that nothing stands for is a fault, rather than passed over', () => {
  expect(() => play('ADD https://example.com/a /a')).toThrow('ADD');
});

test('words with quotes reach a shell as they are', () => {
  expect(call('run', "echo 'a'")).toBe(`'run' 'echo '\\''a'\\'''`);
});
