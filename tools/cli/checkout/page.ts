import { html } from '../../../platform/html.ts';
import { amountText } from '../render.ts';

/** What is asked for. */
export interface Order {
  readonly id: string;
  readonly amount: number;
  readonly currency: string;
  readonly description: string | null;
}

/**
 * The checkout. Its fields have no names and its form is never sent: the number goes to the vault from
 * the script, and the shop is given a token.
 */
export function checkoutPage(
  { id, amount, currency, description }: Order,
  vault: string,
  key: string,
): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Pay ${amountText(amount, currency)}</title>
        <link rel="stylesheet" href="/checkout.css" />
        <script src="/checkout.js" type="module"></script>
      </head>
      <body>
        <main data-order="${id}" data-vault="${vault}" data-key="${key}">
          <h1>${amountText(amount, currency)}</h1>
          <p>${description ?? id}</p>
          <form autocomplete="on">
            <label
              >Card number
              <input
                id="number"
                inputmode="numeric"
                autocomplete="cc-number"
                placeholder="4242 4242 4242 4242"
                required
            /></label>
            <label
              >Expiry
              <input
                id="expiry"
                autocomplete="cc-exp"
                placeholder="12/31"
                required
                pattern="\\d{1,2} ?/ ?\\d{2,4}"
            /></label>
            <label
              >Security code
              <input id="cvv" inputmode="numeric" autocomplete="cc-csc" placeholder="123" required
            /></label>
            <button>Pay</button>
          </form>
          <p role="status"></p>
        </main>
      </body>
    </html> `.text;
}

export const CHECKOUT_STYLE = `:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; display: grid; place-items: center; min-height: 100vh; margin: 0; }
main { width: min(24rem, 90vw); }
label { display: block; margin: 0 0 0.8rem; font-size: 0.9rem; }
input { display: block; width: 100%; box-sizing: border-box; font: inherit; padding: 0.5rem; margin-top: 0.2rem; }
button { font: inherit; width: 100%; padding: 0.6rem; margin-top: 0.5rem; }
[role="status"] { min-height: 3rem; }
[data-end="paid"] [role="status"] { color: #1a7f37; }
[data-end="refused"] [role="status"] { color: #c62828; }
`;

/** Runs in the browser. Each click makes a token; that the order is paid once is the shop's work, not the page's. */
export const CHECKOUT_SCRIPT = `const main = document.querySelector('main');
const form = document.querySelector('form');
const status = document.querySelector('[role="status"]');
const { order, vault, key } = main.dataset;
const field = (id) => document.getElementById(id).value;

async function ask(url, body, headers) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw Object.assign(new Error(answer.detail ?? 'this did not work: try again'), { answered: true });
  return answer;
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = form.querySelector('button');
  button.disabled = true;
  delete main.dataset.end;
  status.textContent = 'One moment …';
  let asked = false;
  try {
    const [month, year] = field('expiry').split('/').map((part) => Number(part.trim()));
    // The only place that the number goes to.
    const token = await ask(
      vault + '/v1/card-tokens',
      { card: { number: field('number').replace(/\\D/g, ''), expiry_month: month, expiry_year: year < 100 ? 2000 + year : year, cvv: field('cvv').trim() } },
      { authorization: 'Bearer ' + key },
    );
    asked = true;
    const payment = await ask('/pay/' + order, { card_token: token.id }, {});
    main.dataset.end = payment.end;
    status.textContent = payment.text;
    if (payment.end === 'paid') form.remove();
  } catch (error) {
    const unknown = asked && error.answered !== true;
    main.dataset.end = unknown ? 'unknown' : 'refused';
    status.textContent = unknown ? 'The shop did not answer: you may have paid. Ask again: you do not pay twice.' : error.message;
  } finally {
    button.disabled = false;
  }
});
`;
