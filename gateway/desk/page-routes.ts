import express, { Router, type ErrorRequestHandler, type Request, type Response } from 'express';
import { Problem, PROBLEMS, problemOf } from '../problem.ts';
import { operatorOf } from '../visitors.ts';
import type { Desk } from './desk.ts';
import { DESK_BODY_BYTES_MAX } from './internal-api.ts';
import { askedByForm } from './new-decision.ts';
import {
  decisionPage,
  decisionsPage,
  itemPage,
  newDecisionPage,
  queuePage,
  refusalPage,
  type DeskFrame,
} from './pages.ts';
import {
  parseAssignment,
  parseDecision,
  parseDecisionId,
  parseDecisions,
  parseItemId,
  parseQueue,
  parseWhy,
} from './parse.ts';

export interface PageRoutesOptions {
  readonly desk: Desk;
  /** Of Temporal Web: the path of a namespace's workflows. */
  readonly workflows: string;
  readonly now: () => number;
}

/**
 * The desk as pages: lists, one item with its record, and forms. They work without scripts, and are
 * taken from pages of this origin alone (oneOrigin). Mounted behind ownPages, which sets their policy.
 */
export function pageRoutes({ desk, workflows, now }: PageRoutesOptions): Router {
  const router = Router();
  const form = express.urlencoded({ limit: DESK_BODY_BYTES_MAX, extended: false, inflate: false });
  const frame = (response: Response): DeskFrame => {
    const { nonce } = response.locals as { nonce: string };
    return { ...operatorOf(response), nonce, workflows, now: now() };
  };

  router.get('/cases', async (request, response) => {
    response.send(queuePage(frame(response), await desk.queue(parseQueue(request.query))));
  });
  router.get('/cases/:id', async (request, response) => {
    const id = parseItemId(request.params.id);
    response.send(itemPage(frame(response), await desk.item(operatorOf(response), id)));
  });
  router.post('/cases/:id/assign', form, async (request, response) => {
    const id = parseItemId(request.params.id);
    const { assignee } = fieldsOf(request);
    const who = parseAssignment({ assignee: assignee ?? null });
    await desk.assign(operatorOf(response), id, who);
    response.redirect(303, `/cases/${id}`);
  });
  router.post('/cases/:id/decide', form, async (request, response) => {
    const { choice = '', second_person: second, ...fields } = fieldsOf(request);
    const [action, subject] = choice.split(' ');
    const asked = parseDecision({
      ...fields,
      action,
      ...(subject === undefined || subject === '' ? {} : { subject }),
      ...(second === undefined ? {} : { second_person: second === 'true' }),
    });
    await desk.propose(operatorOf(response), asked);
    response.redirect(303, `/decisions/${asked.id}`);
  });
  router.get('/decisions', async (request, response) => {
    const { state, limit } = parseDecisions({ state: 'all', ...request.query });
    response.send(decisionsPage(frame(response), await desk.decisions(state, limit)));
  });
  router.get('/decisions/new', (_request, response) => {
    response.send(newDecisionPage(frame(response)));
  });
  router.post('/decisions', form, async (request, response) => {
    const asked = parseDecision(askedByForm(fieldsOf(request)));
    await desk.propose(operatorOf(response), asked);
    response.redirect(303, `/decisions/${asked.id}`);
  });
  router.get('/decisions/:id', async (request, response) => {
    const id = parseDecisionId(request.params.id);
    response.send(decisionPage(frame(response), await desk.decision(operatorOf(response), id)));
  });
  router.post('/decisions/:id', form, async (request, response) => {
    const id = parseDecisionId(request.params.id);
    const { verdict, why } = fieldsOf(request);
    if (verdict !== 'approve' && verdict !== 'reject')
      throw new Problem('malformed_request', `decision ${id} is approved or rejected, not ${verdict ?? ''}`);
    await desk.decide(operatorOf(response), id, verdict, parseWhy(why === undefined ? {} : { why }));
    response.redirect(303, `/decisions/${id}`);
  });

  const asPage: ErrorRequestHandler = (error: unknown, request, response, next) => {
    const problem = problemOf(error);
    if (response.headersSent || problem.status >= 500 || request.accepts('json', 'html') !== 'html') {
      next(error);
      return;
    }
    const { title } = PROBLEMS[problem.code];
    response.status(problem.status).send(refusalPage(frame(response), title, problem.message));
  };
  router.use(asPage);
  return router;
}

/** The fields of a form that were filled in. */
function fieldsOf(request: Request): Readonly<Record<string, string | undefined>> {
  const body = (request.body ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) =>
      typeof value === 'string' && value.trim() !== '' ? [[name, value.trim()]] : [],
    ),
  );
}
