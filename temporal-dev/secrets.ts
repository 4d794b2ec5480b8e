import { randomBytes, randomInt } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { readIfThere, writeWhole } from './files.ts';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const DEMO_KEY_LENGTH = 43; // 43 characters of 62 hold 256 bits

const secretsSchema = z.object({
  postgresSuperuser: z.string(),
  quittanceOwner: z.string(),
  quittanceApi: z.string(),
  quittanceWorker: z.string(),
  quittanceOperator: z.string(),
  quittanceGateway: z.string(),
  vaultOwner: z.string(),
  vaultApp: z.string(),
  fingerprintSecret: z.string(),
  apiKeySecret: z.string(),
  gatewaySecret: z.string(),
  gatewayViewer: z.string(),
  gatewayOperator: z.string(),
  gatewayAdmin: z.string(),
  stripeApiKey: z.string(),
  adyenApiKey: z.string(),
  adyenHmacKey: z.string(),
  stripeEventSecret: z.string(),
  demoApiKey: z.string(),
});

/** What a stack keeps to itself: role passwords, keys of simulators and cookies, the demo merchant's key. */
export type StackSecrets = Readonly<z.infer<typeof secretsSchema>>;

/** The secrets of the stack in `dir`: made at its first start, the same ever after (`secrets.json`, mode 0600). */
export async function keepSecrets(dir: string): Promise<StackSecrets> {
  const path = join(dir, 'secrets.json');
  const text = await readIfThere(path);
  const before = text === null ? {} : (JSON.parse(text) as Record<string, unknown>);
  const secrets = secretsSchema.parse({ ...newSecrets(), ...before });
  await writeWhole(path, `${JSON.stringify(secrets, null, 2)}\n`);
  return secrets;
}

function newSecrets(): StackSecrets {
  // Hexadecimal: goes into URLs, SQL and shell lines as it is.
  const secret = () => randomBytes(32).toString('hex');
  // Somebody types these; nobody is to take one for a real one.
  const typed = (who: string) => `development-${who}-${randomBytes(6).toString('hex')}`;
  return {
    postgresSuperuser: secret(),
    quittanceOwner: secret(),
    quittanceApi: secret(),
    quittanceWorker: secret(),
    quittanceOperator: secret(),
    quittanceGateway: secret(),
    vaultOwner: secret(),
    vaultApp: secret(),
    fingerprintSecret: secret(),
    apiKeySecret: secret(),
    gatewaySecret: secret(),
    gatewayViewer: typed('viewer'),
    gatewayOperator: typed('operator'),
    gatewayAdmin: typed('admin'),
    stripeApiKey: `sk_test_${secret()}`,
    adyenApiKey: `simulated_adyen_${secret()}`,
    adyenHmacKey: randomBytes(32).toString('hex'),
    stripeEventSecret: `whsec_${secret()}`,
    demoApiKey: `sk_test_${Array.from({ length: DEMO_KEY_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')}`,
  };
}
