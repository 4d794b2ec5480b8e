import { PROBLEMS, type ProblemCode } from '../problem.ts';
import { html } from '../../platform/html.ts';
import { marked, page } from './page.ts';
import { PROBLEM_TEXTS } from './problem-texts.ts';

const BACK = html`<nav>
  <p><a href="/docs">Reference</a></p>
  <p><a href="/problems">All problems</a></p>
</nav>`;

export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}

/** GET /problems/{code}: what the `type` of a problem document points at. */
export function problemPage(code: ProblemCode): string {
  const { status, title } = PROBLEMS[code];
  const { means, todo } = PROBLEM_TEXTS[code];
  return page(
    title,
    html`${BACK}
      <main>
        <h1>${title}</h1>
        <p><code>${code}</code>, HTTP status ${status}</p>
        <h2>What it means</h2>
        <p>${marked(means)}</p>
        <h2>What to do</h2>
        <p>${marked(todo)}</p>
      </main>`,
  );
}

/** GET /problems: the table of all codes. */
export function problemsPage(): string {
  const codes = Object.keys(PROBLEMS) as ProblemCode[];
  return page(
    'Problems',
    html`${BACK}
      <main>
        <h1>Problems</h1>
        <p>
          Every way in which this API says no. <code>code</code> is part of the contract;
          <code>detail</code> is for people.
        </p>
        <table>
          <thead>
            <tr>
              <th>Status</th>
              <th>Code</th>
              <th>Title</th>
            </tr>
          </thead>
          <tbody>
            ${codes.map(
              (code) =>
                html`<tr>
                  <td>${PROBLEMS[code].status}</td>
                  <td>
                    <a href="/problems/${code}"><code>${code}</code></a>
                  </td>
                  <td>${PROBLEMS[code].title}</td>
                </tr> `,
            )}
          </tbody>
        </table>
      </main>`,
  );
}
