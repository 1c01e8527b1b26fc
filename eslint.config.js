import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const noClock = [
  { object: 'Date', property: 'now', message: 'Time arrives as nowMs.' },
  { object: 'Math', property: 'random', message: 'Randomness arrives through a port.' },
];
const bannedSyntax = [
  { selector: 'TSEnumDeclaration', message: 'Use a union or an `as const` object.' },
  { selector: 'TSModuleDeclaration[kind="namespace"]', message: 'Use modules.' },
  { selector: 'ExportAllDeclaration', message: 'Export by name.' },
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'data/', 'dist-*/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json' } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      'no-restricted-syntax': ['error', ...bannedSyntax],
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 70 }],
      'max-params': ['error', { max: 5 }],
      // Narrowing doesn't see that a call in between changes a field.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // A type parameter that only names the result is how a caller says what it expects.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
    },
  },
  {
    files: ['src/domain/**/*.ts', 'src/application/**/*.ts'],
    rules: {
      'no-restricted-properties': ['error', ...noClock],
      'no-restricted-syntax': [
        'error',
        ...bannedSyntax,
        { selector: "NewExpression[callee.name='Date']", message: 'Time arrives as nowMs.' },
      ],
    },
  },
  {
    // Factories take what is injected, one by one.
    files: ['src/wiring/*.ts'],
    rules: { 'max-params': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.cjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        module: 'writable',
        URL: 'readonly',
        setTimeout: 'readonly',
        Buffer: 'readonly',
      },
    },
  },
);
