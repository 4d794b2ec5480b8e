import { Problem } from '../problem.ts';

/** Kinds of call. Each has a bucket of its own, and its own place in the order in which calls are shed. */
export const CALL_CLASSES = ['read', 'manage', 'create', 'money'] as const;
export type CallClass = (typeof CALL_CLASSES)[number];

/**
 * From which part of the process's places on a class gets none: who holds money and wants to take it or
 * give it back comes before who begins something, and that before who only looks.
 */
const SHED_AT = { read: 0.6, manage: 0.6, create: 0.8, money: 1 } as const satisfies Record<
  CallClass,
  number
>;
const RETRY_AFTER_S = '2';

/** Calls under way in this process. */
export interface Load {
  /**
   * Takes a place, and answers how to give it back.
   * @throws Problem `overloaded` when there is none left for that class.
   */
  take(kind: CallClass): () => void;
}

/** @param places calls under way at once. */
export function createLoad(places: number): Load {
  let taken = 0;
  return {
    take(kind) {
      if (taken >= Math.max(1, Math.floor(places * SHED_AT[kind])))
        throw new Problem(
          'overloaded',
          'more is asked at this moment than can be answered: send the same request again, with the same Idempotency-Key',
          { headers: { 'retry-after': RETRY_AFTER_S } },
        );
      taken += 1;
      return once(() => {
        taken -= 1;
      });
    },
  };
}

/** Runs it the first time alone. */
export function once(run: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    run();
  };
}
