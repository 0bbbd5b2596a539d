/**
 * Four rings, each a jest project:
 *   unit         *.spec.ts      nothing is real
 *   integration  *.int-spec.ts  Redis or a broker is real
 *   system       *.e2e-spec.ts  whole hubs, as processes: each gateway and each start once
 *   matrix       *.matrix-spec.ts  what takes long: the same in every combination, failures, restarts, crowds, what Redis may refuse
 */
const seconds = 1000;

/** @type {import('jest').Config} */
const common = {
  rootDir: import.meta.dirname,
  roots: ['<rootDir>/apps', '<rootDir>/libs', '<rootDir>/test', '<rootDir>/chaos', '<rootDir>/examples'],
  testEnvironment: 'node',
  setupFilesAfterEnv: ['<rootDir>/jest.setup.mjs'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  moduleNameMapper: {
    '^@ringback/([^/]+)$': '<rootDir>/libs/$1/src/index.ts',
    // Relative imports end in .js, as Node wants them; the source beside them ends in .ts.
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'es6' },
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, verbatimModuleSyntax: true },
          keepClassNames: true,
        },
      },
    ],
  },
};

/** @type {(displayName: string, suffix: string, testTimeoutMs: number) => import('jest').Config} */
const ring = (displayName, suffix, testTimeoutMs) => ({
  ...common,
  displayName,
  testRegex: [`[.]${suffix}[.]ts$`],
  globals: { testTimeoutMs }, // jest heeds testTimeout only where there are no projects
});

/** @type {import('jest').Config} */
export default {
  testSequencer: '<rootDir>/jest.sequencer.mjs',
  projects: [
    ring('unit', 'spec', 10 * seconds),
    ring('integration', 'int-spec', 30 * seconds),
    ring('system', 'e2e-spec', 120 * seconds),
    ring('matrix', 'matrix-spec', 600 * seconds),
  ],
};
