import fc from 'fast-check';
import { parseArgs } from 'node:util';
import { CODEC_PROPERTIES } from '../activities/acquirers/iso8583/testing/properties.ts';

const HELP = `npm run fuzz:iso8583 -- [--inputs N] [--seed N]

Feeds the ISO 8583 codec and its frames with N inputs for each property (default 1,000,000): messages,
messages that are almost right, noise, and streams cut anywhere. Ends with 1 at the first input that breaks
a property, printed as small as it can be made. The same seed gives the same inputs.`;

const ROUND = 20_000;

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const inputs = Number(values.inputs);
const seed = Number(values.seed);
if (!Number.isSafeInteger(inputs) || inputs < 1 || !Number.isSafeInteger(seed)) {
  console.error(`--inputs and --seed must be whole numbers\n\n${HELP}`);
  process.exit(2);
}

console.log(`seed ${seed}, ${inputs.toLocaleString('en')} inputs for each property`);
for (const [name, property] of Object.entries(CODEC_PROPERTIES)) {
  const began = performance.now();
  for (let done = 0; done < inputs; done += ROUND) {
    const numRuns = Math.min(ROUND, inputs - done);
    const report = fc.check(property as fc.IProperty<unknown>, { numRuns, seed: (seed + done) | 0 });
    if (report.failed) {
      console.error(`\n✗ ${name}\n${fc.defaultReportMessage(report)}`);
      process.exit(1);
    }
    const perSecond = Math.round((done + numRuns) / ((performance.now() - began) / 1_000));
    process.stdout.write(
      `\r  ${(done + numRuns).toLocaleString('en')} (${perSecond.toLocaleString('en')}/s) … `,
    );
  }
  console.log(`✓ ${name}`);
}
