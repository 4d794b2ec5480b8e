// What the run's end says: each failure by name, then the counts, alone on the last line.
// usage: node .ci/counts.mjs RESULTS.json [NAME OF A STEP THAT FAILED]…
import { readFileSync } from 'node:fs';

const [path, ...steps] = process.argv.slice(2);

/** The test run's own report, or null when it ended without one. */
function readReport() {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/** The first lines of what a test said, short enough to be read at the end of a long log. */
const told = (text) =>
  (text ?? '')
    .split('\n')
    .slice(0, 6)
    .map((line) => `       ${line.slice(0, 300)}`)
    .join('\n');

const report = readReport();
const files = report?.testResults ?? [];
const failedTests = files.flatMap((file) =>
  file.assertionResults
    .filter(({ status }) => status === 'failed')
    .map((test) => ({ title: `${file.name} > ${test.fullName}`, why: test.failureMessages?.[0] })),
);
// A file that failed though none of its tests did, because it did not load or could not be set up,
// is a failure of its own.
const brokenFiles = files
  .filter(
    (file) => file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed'),
  )
  .map((file) => ({ title: file.name, why: file.message }));
const failures = [...failedTests, ...brokenFiles];

for (const name of steps) console.log(`FAILED step ${name}`);
for (const { title, why } of failures)
  console.log(`FAILED ${title.replace(`${process.cwd()}/`, '')}\n${told(why)}`);

const failed = Math.max(failures.length, report === null ? 1 : 0, steps.length);
console.log(`${report?.numPassedTests ?? 0} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
