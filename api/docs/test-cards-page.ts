import { ISO8583_TEST_CARDS, STRIPE_TEST_CARDS, type TestCard } from '../../platform/test-cards.ts';
import { html, type Html } from '../../platform/html.ts';
import { marked, page } from './page.ts';

/** GET /docs/test-cards: what each test number does, for whoever tries the API with a test key. */
export function testCardsPage(): string {
  return page(
    'Test cards',
    html`<nav>
        <p><a href="/docs">Reference</a></p>
        <p><a href="/problems">All problems</a></p>
      </nav>
      <main>
        <h1>Test cards</h1>
        <p>
          With a test key, payments go to simulators of acquirers. These numbers make something happen there;
          every other number with a right check digit is approved. Any expiry in the future; any three digits
          as <code>cvv</code>, four for American Express. None belongs to anybody.
        </p>
        <p>
          A card verification at the first acquirer is declined where a payment is; where the answer is lost
          (<code>4000000000000119</code>, <code>…0259</code>, <code>…5126</code>) it is <code>unknown</code>;
          every other is <code>verified</code>.
        </p>
        <h2 id="iso8583">At the first acquirer</h2>
        <p>Where payments go unless the merchant is set up otherwise (<code>acquirer-1</code>).</p>
        ${tableOf(ISO8583_TEST_CARDS)}
        <h2 id="stripe">At the Stripe simulator</h2>
        <p>
          For merchants whose first account is there (<code>acquirer-3</code>): Stripe’s own test numbers,
          with its decline codes.
        </p>
        ${tableOf(STRIPE_TEST_CARDS)}
      </main>`,
  );
}

function tableOf(cards: readonly TestCard[]): Html {
  return html`<table>
    <thead>
      <tr>
        <th>Number</th>
        <th>What the acquirer does</th>
        <th>What becomes of the payment</th>
      </tr>
    </thead>
    <tbody>
      ${cards.map(
        ({ number, does, becomes }) =>
          html`<tr>
            <td><code>${number}</code></td>
            <td>${marked(does)}</td>
            <td>${marked(becomes)}</td>
          </tr> `,
      )}
    </tbody>
  </table>`;
}
