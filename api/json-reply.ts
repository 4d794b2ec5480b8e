import type { Reply } from './call.ts';

/** 200 with that body. */
export function jsonReply(body: Record<string, unknown>): Reply {
  return { status: 200, body: JSON.stringify(body) };
}
