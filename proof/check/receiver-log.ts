import { z } from 'zod';
import { copyInto, type Value } from './copy.ts';
import { linesOf } from './lines.ts';
import type { Session } from './session.ts';

/**
 * What a merchant's webhook receiver got, one JSON object on a line, written before it answers 2xx:
 * signatures checked, repeats included.
 */
const receivedSchema = z.strictObject({
  at: z.iso.datetime(),
  /** The webhook-id header. */
  webhook_id: z.string(),
  type: z.string(),
  payment: z.string(),
});
export type ReceivedLine = z.infer<typeof receivedSchema>;

/** Reads a receiver's log into `received`. @returns its lines. @throws Error naming a line that is none */
export async function loadReceiverLog(
  { main, at }: Pick<Session, 'main' | 'at'>,
  path: string,
): Promise<number> {
  async function* rows(): AsyncGenerator<readonly (readonly Value[])[]> {
    for await (const { first, lines } of linesOf(path))
      yield lines
        .map((line, index): readonly Value[] => {
          const parsed = receivedSchema.safeParse(JSON.parse(line));
          if (!parsed.success)
            throw new Error(`${path}, line ${first + index} tells of no webhook: ${parsed.error.message}`);
          return [parsed.data.webhook_id, parsed.data.at];
        })
        .filter(([, received]) => String(received) <= at);
  }
  const count = await copyInto(main, 'received', ['webhook_id', 'at'], rows());
  await main.query('analyze received');
  return count;
}
