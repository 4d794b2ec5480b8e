/** Who may import whom (docs/architecture.md). A rule that is broken fails `npm run check`. */
const own =
  '^(workflows|activities|workers|platform|api|gateway|vault|schema|temporal-dev|proof|bench|tools|clients)/';
const only = (name, from, to, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, pathNot: '\\.test\\.ts$|/testing/' },
  to: { path: own, pathNot: to },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      // The failure converter is loaded by its path: by the bundler, by clients and by workers.
      from: {
        orphan: true,
        pathNot: '\\.test\\.ts$|\\.d\\.ts$|main\\.ts$|(failure-converter|trace-headers)\\.ts$',
      },
      to: {},
    },
    {
      name: 'no-undeclared-packages',
      severity: 'error',
      from: { path: own },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown'] },
    },
    {
      name: 'no-dev-packages-in-production',
      severity: 'error',
      from: {
        path: '^(workflows|activities|workers|platform|api|gateway|vault|schema)/',
        pathNot: '\\.test\\.ts$|/testing/',
      },
      to: { dependencyTypes: ['npm-dev'] },
    },
    {
      name: 'workflow-packages',
      comment: 'Workflow code is bundled alone: nothing but Temporal’s workflow package.',
      severity: 'error',
      from: { path: '^workflows/', pathNot: '\\.test\\.ts$|/testing/' },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'core'],
        pathNot: 'node_modules/@temporalio/(workflow|common)/',
      },
    },
    only('domain-imports-only-itself', '^workflows/domain/', '^workflows/domain/'),
    only('ports-import-domain', '^workflows/ports/', '^workflows/(domain|ports)/'),
    only('workflows-import-workflows', '^workflows/', '^workflows/'),
    only('platform-imports-domain', '^platform/', '^(platform/|workflows/domain/)'),
    only('schema-imports-domain', '^schema/', '^(schema/|platform/|workflows/domain/)'),
    only('vault-imports-domain-and-platform', '^vault/', '^(vault/|platform/|workflows/domain/)'),
    {
      name: 'an-activity-group-keeps-to-itself',
      severity: 'error',
      from: { path: '^activities/([^/]+)/', pathNot: '\\.test\\.ts$|/testing/' },
      to: {
        path: own,
        pathNot:
          '^(activities/$1/|platform/|schema/|workflows/(domain|ports)/|workflows/.+\\.contract\\.ts$|vault/(contract|grants/form)\\.ts$)',
      },
    },
    only(
      'api-imports',
      '^api/',
      '^(api/|platform/|schema/|workflows/domain/|workflows/.+\\.contract\\.ts$|vault/contract\\.ts$|activities/acquirers/(events|event-verifiers)\\.ts$|activities/webhooks/egress\\.ts$)',
      'Of acquirers the api knows how they prove their events, of webhooks where they may be sent, and nothing else.',
    ),
    only(
      'gateway-imports-platform-and-domain',
      '^gateway/',
      '^(gateway/|platform/|workflows/domain/)',
      'It speaks to Temporal Web and, about decisions, to functions of PostgreSQL that hold to who may what.',
    ),
    only(
      'clients-import-only-themselves',
      '^clients/',
      '^clients/',
      'They are packages of their own: what runs in a merchant’s program.',
    ),
    {
      name: 'nobody-imports-workers-api-or-gateway',
      severity: 'error',
      from: { pathNot: '^(workers|api|gateway|bench)/' },
      // Tests find a browser in the gateway's.
      to: { path: '^(workers|api|gateway)/', pathNot: '^gateway/testing/' },
    },
    only('workers-do-not-import-api', '^workers/', '^(workers|activities|platform|schema|workflows|vault)/'),
    only(
      'bench-imports',
      '^bench/',
      '^(bench/|platform/|schema/|temporal-dev/|workflows/domain/|activities/(ledger|acquirers|vault)/|vault/contract\\.ts$|workers/(pool|pool-settings|metrics)\\.ts$)',
      'A bench measures the very code that posts, routes or encodes; it goes around the API and Temporal on purpose. Its floors run in a pool like ours.',
    ),
    {
      name: 'proof-speaks-from-outside',
      comment:
        'The prover shares no code with what it checks, but for the description of the running stack, a workflow’s name, and the verification of ledger and audit log, which are provers themselves.',
      severity: 'error',
      from: { path: '^proof/' },
      to: {
        path: own,
        pathNot:
          '^(proof/|clients/|platform/test-cards\\.ts$|temporal-dev/|tools/(ledger|audit)/|workflows/.+\\.contract\\.ts$)',
      },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
