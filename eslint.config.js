import tseslint from 'typescript-eslint';

/** No clocks, randomness or world in workflow code: replay must give the same commands. */
const nondeterminism = [
  ...['process', 'fetch', 'performance', 'crypto', 'Buffer', 'console', 'require', 'WebSocket'].map(
    (name) => ({
      name,
      message: 'Workflow code may not touch the world; ask an activity.',
    }),
  ),
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'AbortSignal'].map((name) => ({
    name,
    message: 'A timer of Temporal, which outlives the process: sleep, or condition with a limit.',
  })),
  ...['globalThis', 'global', 'self', 'eval'].map((name) => ({
    name,
    message: 'What is forbidden by its name may not be reached around it.',
  })),
  ...['WeakRef', 'FinalizationRegistry'].map((name) => ({
    name,
    message: 'When memory is collected is another in every replay.',
  })),
  { name: 'Intl', message: 'Its data differs between machines; amounts are formatted by our own table.' },
  { name: 'uuid4', message: 'A reset gives another value; derive ids from the payment.' },
];

/** The same by the shape of the code: a global that has harmless uses too. */
const nondeterministicShapes = [
  {
    selector: 'Identifier[name="Date"]:not(NewExpression > .callee):not(TSTypeReference > .typeName)',
    message: 'The time is now() of workflows/clock.ts, and an argument in workflows/domain.',
  },
  {
    selector: 'NewExpression[callee.name="Date"]:not([arguments.length=1])',
    message: 'A date is made of ms since the epoch: now() of workflows/clock.ts, or an argument.',
  },
  {
    selector: 'Identifier[name="Math"]:not(MemberExpression > .object)',
    message: 'Math is used by its members: so its random() is found.',
  },
  { selector: 'ImportExpression', message: 'What runs is known when the bundle is made: import it above.' },
  {
    selector: 'MemberExpression[property.name=/^(toLocale|localeCompare)/]',
    message: 'Its data differs between machines.',
  },
];

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'node_modules/',
      '.quittance/',
      '.ci/',
      '**/*.cjs',
      '**/*.generated.ts',
      'clients/*/dist/',
    ],
  },
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
      'no-restricted-syntax': ['error', ...nondeterministicShapes],
      'no-restricted-imports': [
        'error',
        {
          paths: [
            { name: '@temporalio/workflow', importNames: ['uuid4'], message: 'A reset gives another value.' },
            {
              name: '@temporalio/workflow',
              importNames: ['patched', 'deprecatePatch'],
              message: 'A patch is a row of workflows/patches.ts, asked for by hasPatch.',
            },
          ],
          patterns: [
            {
              regex: '^(?!\\.{1,2}/|@temporalio/(workflow|common)(/|$))',
              message: 'Workflow code is bundled alone: nothing but Temporal’s workflow package.',
            },
          ],
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
