import { z } from 'zod';
import { PROBLEMS, type ProblemCode } from '../../problem.ts';
import { text } from './common.ts';

const code = z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]);

/** RFC 9457. */
export const problem = z.object({
  type: text.describe('Where this kind of problem is explained: a path of this API.'),
  title: text,
  status: z.int().min(400).max(599),
  code,
  detail: text.describe('What happened, to which id, and what to do.'),
  param: text.optional().describe('JSON pointer into the body, or the name of a parameter.'),
  errors: z
    .array(z.object({ code, param: text, detail: text }))
    .optional()
    .describe('Everything that is wrong; `code`, `param` and `detail` above are those of the first.'),
  instance: text.optional().describe('What it is about.'),
  request_id: text
    .optional()
    .describe('Name it when you ask us. Not in an answer that is kept and repeated.'),
});
