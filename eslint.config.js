import tseslint from 'typescript-eslint';

/** No clocks, randomness or world in workflow code: replay must give the same commands. */
const nondeterminism = [
  ...['process', 'fetch', 'performance', 'crypto', 'Buffer', 'setImmediate', 'console'].map((name) => ({
    name,
    message: 'Workflow code may not touch the world; ask an activity.',
  })),
  { name: 'uuid4', message: 'A reset gives another value; derive ids from the payment.' },
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.quittance/', '**/*.cjs'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { allowDefaultCaseForExhaustiveSwitch: false, considerDefaultExhaustiveForUnions: false },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // A port's method may answer at once and still be a promise to its caller.
      '@typescript-eslint/require-await': 'off',
      'no-console': 'error',
    },
  },
  {
    // Only platform/config.ts reads the environment of a process.
    files: ['{workflows,activities,workers,platform,api,vault,schema}/**/*.ts'],
    ignores: ['platform/config.ts', '**/*.test.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Settings come from platform/config.ts.' },
      ],
    },
  },
  {
    files: ['workflows/**/*.ts'],
    ignores: ['**/*.test.ts', '**/testing/**'],
    rules: {
      'no-restricted-globals': ['error', ...nondeterminism],
      'no-restricted-properties': [
        'error',
        {
          object: 'Math',
          property: 'random',
          message: 'A reset gives another value; derive it from the payment.',
        },
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: '@temporalio/workflow', importNames: ['uuid4'], message: 'A reset gives another value.' },
          ],
          patterns: ['node:*', 'zod'],
        },
      ],
    },
  },
  {
    // What a person reads on a terminal.
    files: ['temporal-dev/**/*.ts', 'tools/**/*.ts', 'proof/**/*.ts', 'bench/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
);
