/** What a key answers, and since when. */
export interface StoredReply {
  readonly bodyHash: string;
  readonly status: number;
  readonly reply: Readonly<Record<string, unknown>>;
  /** Epoch ms. */
  readonly at: number;
}

/** What a request under a key meets: nothing stored, its own stored reply, or that of another body. */
export type Recalled =
  | { readonly type: 'new' }
  | { readonly type: 'replay'; readonly stored: StoredReply }
  | { readonly type: 'mismatch' };

/** The idempotency keys of an HTTP API: a part of the fold over its journal. */
export interface KeyStore {
  /** A stored failure is kept like anything else. */
  remember(scope: string, key: string, reply: StoredReply): void;
  /** @param at by the simulator's own clock: keys grow old by it. */
  recall(scope: string, key: string | null, bodyHash: string, at: Date): Recalled;
}

/** @param lifetimeMs after this long a key is as if it had never been used. */
export function createKeyStore(lifetimeMs: number): KeyStore {
  const replies = new Map<string, StoredReply>();
  return {
    remember: (scope, key, reply) => void replies.set(`${scope} ${key}`, reply),
    recall(scope, key, bodyHash, at) {
      const stored = key === null ? undefined : replies.get(`${scope} ${key}`);
      if (stored === undefined || at.getTime() - stored.at >= lifetimeMs) return { type: 'new' };
      return stored.bodyHash === bodyHash ? { type: 'replay', stored } : { type: 'mismatch' };
    },
  };
}
