import type { Payload } from '@temporalio/common';
import { z } from 'zod';
import type { Keyring } from '../platform/keyring.ts';
import { openPayload, sealPayload, type PayloadKeyPurpose } from '../platform/payload-codec/codec.ts';
import { refusedPayload } from '../workflows/domain/refused-payload.ts';
import type { Audit } from './audit.ts';
import { Problem } from './problem.ts';
import type { Operator } from './roles.ts';

/** A history page has at most some hundred; Temporal itself refuses payloads above 2 MiB. */
export const CODEC_PAYLOADS_MAX = 1_000;
export const CODEC_BODY_BYTES_MAX = 4 * 1_024 * 1_024;

/** Temporal's `Payloads` as protobuf's JSON: bytes are base64. What else a payload has goes back as it came. */
const base64 = z.base64();
const payloadsSchema = z.looseObject({
  payloads: z
    .array(z.looseObject({ metadata: z.record(z.string(), base64).optional(), data: base64.optional() }))
    .max(CODEC_PAYLOADS_MAX)
    .optional(),
});
type WirePayload = NonNullable<z.infer<typeof payloadsSchema>['payloads']>[number];

export interface CodecCall {
  readonly operator: Operator;
  /** As `X-Namespace` says it. */
  readonly namespace: string;
  readonly body: unknown;
}

/** Answers what the codec server's protocol calls `Payloads`. */
export interface CodecServer {
  decode(call: CodecCall): Promise<object>;
  encode(call: CodecCall): Promise<object>;
}

/** Temporal's remote codec: opens payloads for people, and seals what they type in their name. */
export function createCodecServer(keyring: Keyring<PayloadKeyPurpose>, audit: Audit): CodecServer {
  return {
    async decode({ operator, namespace, body }) {
      const payloads = parse(body);
      const workflowIds = new Set<string>();
      const opened = await Promise.all(
        payloads.map(async (wire): Promise<WirePayload> => {
          const result = await openPayload(keyring, fromWire(wire), null);
          // Never sealed: a search attribute, or what a stranger sent. The page shows it as it lies there.
          if (result === 'plain') return wire;
          if (typeof result === 'string') return toWire(refusal(result));
          // Known only now, by the seal. A failure without an owner has no namespace.
          if (result.namespace !== '' && result.namespace !== namespace) return toWire(refusal('foreign'));
          if ('workflowId' in result && result.workflowId !== '') workflowIds.add(result.workflowId);
          return toWire(result.payload);
        }),
      );
      // Before anybody has seen anything.
      await audit.write({
        kind: 'decode',
        ...operator,
        namespace,
        workflowIds: [...workflowIds],
        payloads: payloads.length,
      });
      return { payloads: opened };
    },
    async encode({ operator, namespace, body }) {
      const payloads = parse(body).map(fromWire);
      for (const payload of payloads) mustBeJson(payload);
      await audit.write({ kind: 'encode', ...operator, namespace, payloads: payloads.length });
      const sealed = await Promise.all(
        payloads.map((payload) => sealPayload(keyring, { namespace, operator: operator.login }, payload)),
      );
      return { payloads: sealed.map(toWire) };
    },
  };
}

function parse(body: unknown): readonly WirePayload[] {
  const parsed = payloadsSchema.safeParse(body);
  // Its issues could quote what was sent.
  if (!parsed.success)
    throw new Problem(
      'malformed_request',
      `send {"payloads": [{"metadata": {…}, "data": "…"}]} with bytes in base64, at most ${CODEC_PAYLOADS_MAX}`,
    );
  return parsed.data.payloads ?? [];
}

/** What an operator sends is JSON: only of that can a worker say who sent it (operatorInput). */
function mustBeJson({ metadata, data }: Payload): void {
  const encoding = Buffer.from(metadata?.['encoding'] ?? []).toString();
  try {
    if (encoding !== 'json/plain') throw new TypeError(encoding);
    JSON.parse(Buffer.from(data ?? []).toString());
  } catch {
    throw new Problem('malformed_request', 'only JSON is sealed here: choose the encoding json/plain');
  }
}

function refusal(reason: 'foreign' | 'unauthentic' | 'plain'): Payload {
  return {
    metadata: { encoding: Buffer.from('json/plain') },
    data: Buffer.from(JSON.stringify(refusedPayload(reason))),
  };
}

/** A payload as protobuf's JSON has it. */
export function fromWire({ metadata, data }: WirePayload): Payload {
  return {
    metadata: Object.fromEntries(
      Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value, 'base64')]),
    ),
    data: Buffer.from(data ?? '', 'base64'),
  };
}

export function toWire({ metadata, data }: Payload): WirePayload {
  return {
    metadata: Object.fromEntries(
      Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
    ),
    data: Buffer.from(data ?? []).toString('base64'),
  };
}
