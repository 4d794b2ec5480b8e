import type { RunFile } from './run-file.ts';

/** What a person needs first: addresses, a key, and three lines that work when pasted. */
export function readyText(run: RunFile): string {
  const { host, port } = run.postgres;
  const acquirers = run.acquirers.map(
    ({ id, wire, control }) => `${id} ${wire.host}:${wire.port}, control ${control}`,
  );
  const rows = [
    ['API', run.api],
    ['Temporal Web', `${run.gateway.url}/namespaces/${run.temporal.namespace}/workflows`],
    ['  log in as', run.gateway.operators.map(({ login, password }) => `${login} (${password})`).join(', ')],
    ['Temporal', run.temporal.address],
    ['vault', run.vault],
    ['PostgreSQL', `${host}:${port}`],
    ['Redis', run.redis],
    ['KMS', run.kms.endpoint],
    ['acquirers', acquirers.join('; ')],
    ['logs', run.logs],
    ['run file', `${run.dir}/run.json`],
    ['demo merchant', `${run.merchant.id}, key ${run.merchant.apiKey}`],
  ];
  return `\n${rows.map(([name = '', value = '']) => `  ${name.padEnd(14)} ${value}`).join('\n')}\n\n${curlLines(run)}\n`;
}

function curlLines({ api, merchant }: RunFile): string {
  const auth = `-H 'Authorization: Bearer ${merchant.apiKey}'`;
  const post = (path: string, body: object) =>
    `curl -sS ${auth} -H 'Content-Type: application/json' -H "Idempotency-Key: $(date +%s%N)" -d '${JSON.stringify(body)}' ${api}${path}`;
  const charge = {
    amount: 4200,
    currency: 'EUR',
    capture: 'automatic',
    card: { number: '4242424242424242', expiry_month: 12, expiry_year: 2030, cvv: '123' },
  };
  // The id of the first answer is what the other two need.
  return [
    `ID=$(${post('/v1/payments', charge)} | tee /dev/stderr | sed -n 's/.*"id":"\\(pay_[a-z0-9]*\\)".*/\\1/p' | head -1)`,
    `curl -sS ${auth} ${api}/v1/payments/$ID`,
    post('/v1/payments/$ID/refunds', { amount: 1000 }),
    '',
  ].join('\n');
}
