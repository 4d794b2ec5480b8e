import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { UsageError } from '../command-frame.ts';
import { paceOf } from './bulk.ts';
import { GatewayRefusal, type Gateway } from './gateway.ts';
import { need, type Given } from './parse.ts';
import { rowsOf } from './show.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What came of one decision of a bulk that a second person agrees to. */
interface ConfirmLine {
  readonly payment: string;
  readonly decision: string;
  readonly result: 'would' | 'approved' | 'refused';
  readonly detail?: string;
}

interface ConfirmResult {
  /** A digest of what was seen: which decisions, of what, about whom. `--go` takes it, and holds to it. */
  readonly seen: string;
  readonly found: number;
  readonly done: number;
  /** Approved or rejected by somebody before. */
  readonly before: number;
  readonly refused: number;
}

/**
 * A second person looks at all decisions of a bulk, and with `--seen` and `--go` agrees to those that are
 * proposed: to what they saw, and nothing if it has become another list since. Each is its own decision, with
 * its own rules: stopped, say the same again.
 * @throws UsageError; GatewayRefusal when the person may not (their own proposals, say); what fetch throws.
 */
export async function confirmBulk(
  gateway: Gateway,
  bulk: string,
  given: Given,
  tell: (line: ConfirmLine) => void,
): Promise<ConfirmResult> {
  const perSecond = paceOf(given);
  const decisions = await decisionsOf(gateway, bulk);
  if (decisions.length === 0)
    throw new GatewayRefusal(404, 'not_found', `no decision was made with ${bulk}: is that its id?`);
  const seen = digestOf(decisions);
  if (given.go === true && need(given, 'seen') !== seen)
    throw new UsageError(
      `${bulk} is not what --seen ${String(given.seen)} was shown: it is ${seen} now; look again`,
    );
  const count = { seen, found: decisions.length, done: 0, before: 0, refused: 0 };
  for (const one of decisions) {
    const line = { payment: String(one['payment_id']), decision: String(one['id']) };
    if (one['state'] !== 'proposed') {
      count.before += 1;
      continue;
    }
    if (given.go !== true) {
      tell({ ...line, result: 'would', detail: shownOf(one) });
      continue;
    }
    try {
      const body = given.why === undefined ? {} : { why: given.why };
      await gateway.post(`/internal/v1/decisions/${line.decision}/confirm`, body);
      count.done += 1;
      tell({ ...line, result: 'approved' });
    } catch (error) {
      // Of one payment: it has moved on. Anything else would be refused for the next one, too.
      if (!(error instanceof GatewayRefusal) || error.code !== 'decision_refused') throw error;
      count.refused += 1;
      tell({ ...line, result: 'refused', detail: error.message });
    }
    await delay(1_000 / perSecond);
  }
  return count;
}

async function decisionsOf(gateway: Gateway, bulk: string): Promise<readonly Fields[]> {
  const found: Fields[] = [];
  for (let after = '', full = true; full;) {
    const query = after === '' ? '' : `?after=${after}`;
    const { data, page } = await gateway.get(`/internal/v1/bulks/${bulk}/decisions${query}`);
    const rows = rowsOf(data);
    found.push(...rows);
    after = String(rows.at(-1)?.['id']);
    full = rows.length > 0 && rows.length === page;
  }
  return found;
}

/** All that they would agree to. As JSON: what somebody typed cannot pass for a part of the line. */
function shownOf({ action, merchant_id, subject, body, reason, evidence, proposed_by }: Fields): string {
  const said = { merchant_id, subject, body, reason, evidence, proposed_by };
  return `${String(action)} ${JSON.stringify(said)}`;
}

/** Not of their states: what was approved since is still what was seen. */
function digestOf(decisions: readonly Fields[]): string {
  const said = decisions.map((one) => [
    ...[one['id'], one['action'], one['merchant_id'], one['payment_id'], one['subject'], one['body']],
    ...[one['reason'], one['evidence'], one['proposed_by']],
  ]);
  return createHash('sha256').update(JSON.stringify(said)).digest('hex').slice(0, 32);
}
