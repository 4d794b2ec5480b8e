import express, { Router, type Response } from 'express';
import { operatorOf } from '../visitors.ts';
import type { Desk, MadeDecision } from './desk.ts';
import {
  parseAfter,
  parseAssignment,
  parseBulkId,
  parseDecision,
  parseDecisionId,
  parseDecisions,
  parseItemId,
  parseQueue,
  parseWhy,
} from './parse.ts';
import { BULK_PAGE } from './store.ts';

export const DESK_BODY_BYTES_MAX = 64 * 1_024;

export interface InternalApiOptions {
  readonly desk: Desk;
  readonly namespace: string;
}

/**
 * The internal API, below /internal/v1: what people decide and mind, as JSON. Refusals are
 * application/problem+json; the login is that of the gateway.
 */
export function internalApi({ desk, namespace }: InternalApiOptions): Router {
  const router = Router();
  router.use(express.json({ limit: DESK_BODY_BYTES_MAX, inflate: false }));
  router.use((_request, response, next) => {
    response.set('cache-control', 'no-store');
    next();
  });

  router.get('/', (_request, response) => {
    const { login, role } = operatorOf(response);
    response.json({ login, role, namespace });
  });
  router.get('/cases', async (request, response) => {
    response.json({ data: await desk.queue(parseQueue(request.query)) });
  });
  router.get('/cases/:id', async (request, response) => {
    response.json(await desk.item(operatorOf(response), parseItemId(request.params.id)));
  });
  router.post('/cases/:id/assign', async (request, response) => {
    const assignee = parseAssignment(request.body);
    response.json(await desk.assign(operatorOf(response), parseItemId(request.params.id), assignee));
  });
  router.get('/decisions', async (request, response) => {
    const { state, limit } = parseDecisions(request.query);
    response.json({ data: await desk.decisions(state, limit) });
  });
  // In pages: `after` is the last decision of the one before; the last page has fewer than it could.
  router.get('/bulks/:id/decisions', async (request, response) => {
    const [id, after] = [parseBulkId(request.params.id), parseAfter(request.query)];
    response.json({ data: await desk.bulk(operatorOf(response), id, after), page: BULK_PAGE });
  });
  router.post('/decisions', async (request, response) => {
    answer(response, await desk.propose(operatorOf(response), parseDecision(request.body)));
  });
  router.get('/decisions/:id', async (request, response) => {
    response.json(await desk.decision(operatorOf(response), parseDecisionId(request.params.id)));
  });
  for (const [path, verdict] of [
    ['confirm', 'approve'],
    ['reject', 'reject'],
  ] as const)
    router.post(`/decisions/:id/${path}`, async (request, response) => {
      const id = parseDecisionId(request.params.id);
      answer(
        response,
        await desk.decide(operatorOf(response), id, verdict, parseWhy(request.body as unknown)),
      );
    });
  return router;
}

/** 202 while somebody else must agree. */
function answer(response: Response, { decision, heard }: MadeDecision): void {
  response.status(decision.state === 'proposed' ? 202 : 200).json({ ...decision, heard });
}
