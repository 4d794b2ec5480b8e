import { setCurrentDetails, setHandler, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { SearchAttributePair } from '@temporalio/common';
import { now } from '../clock.ts';
import type { RouteRecord } from '../domain/route/types.ts';
import type { PaymentView } from '../domain/view.ts';
import { waitingFor } from '../domain/waiting.ts';
import { hasPatch } from '../has-patch.ts';
import { decision, status, timeline, type TimelineEntry } from './payment.contract.ts';
import { searchKey, type SearchAttribute } from './search.contract.ts';

/** Steps of this run that the timeline query remembers. */
const REMEMBERED = 100;

/** What operators see of a run: search attributes, the current details, and the answers to queries. */
export class Screen {
  readonly #shown = new Map<SearchAttribute, string>();
  readonly #steps: TimelineEntry[] = [];
  #view: PaymentView | null = null;
  #decision: RouteRecord | null = null;
  #doing = 'it loads the payment';
  #since = now();

  /** Answers queries from now on: to be made before anything is awaited. */
  constructor() {
    for (const name of ATTRIBUTES) {
      const value = workflowInfo().typedSearchAttributes.get(searchKey(name));
      if (value !== undefined) this.#shown.set(name, value);
    }
    setHandler(status, () => ({
      status: this.#view?.facts?.status ?? null,
      waits_for: this.#doing,
      since: new Date(this.#since).toISOString(),
      version: this.#view?.version ?? null,
      pending: this.#view?.operations.map(({ id, kind, phase }) => ({ id, kind, phase })) ?? [],
    }));
    setHandler(timeline, () => [...this.#steps]);
    setHandler(decision, () => this.#decision);
    this.#tell();
  }

  /** Work was begun; the view is what it begins with. */
  begins(what: string, view: PaymentView): void {
    this.#view = view;
    this.#note(what);
  }

  /** A call at an acquirer is about to be made. */
  calls(what: string, view: PaymentView): void {
    this.#publish(view);
    this.#note(what);
  }

  /** Nothing is to be done now. */
  rests(view: PaymentView): void {
    this.#publish(view);
    const doing = waitingFor(view);
    if (doing === this.#doing) return;
    this.#doing = doing;
    this.#since = now();
    this.#tell();
  }

  routed(record: RouteRecord): void {
    this.#decision = record;
  }

  #note(what: string): void {
    this.#doing = what;
    this.#since = now();
    if (this.#steps.length === REMEMBERED) this.#steps.shift();
    this.#steps.push({ at: new Date(this.#since).toISOString(), step: what });
    this.#tell();
  }

  #tell(): void {
    const known = this.#view?.facts === undefined ? '' : `${this.#view.facts.status}; `;
    setCurrentDetails(`${known}${this.#doing}, since ${new Date(this.#since).toISOString()}`);
  }

  /** Search attributes cost an event each time: only what changed. */
  #publish(view: PaymentView): void {
    this.#view = view;
    const { facts } = view;
    if (facts === undefined) return;
    const wanted = { ...facts, caseType: facts.caseType ?? 'none' };
    const changed = FACTS.flatMap((name): SearchAttributePair[] => {
      const value = wanted[name];
      return value === null || this.#shown.get(name) === value ? [] : [{ key: searchKey(name), value }];
    });
    if (changed.length === 0 || !hasPatch('search-attributes')) return;
    upsertSearchAttributes(changed);
    for (const name of FACTS) {
      const value = wanted[name];
      if (value !== null) this.#shown.set(name, value);
    }
  }
}

/** What a run says of itself; whose it is was said when it was started. */
const FACTS = ['status', 'acquirer', 'outcome', 'currency', 'band', 'caseType', 'attention'] as const;
const ATTRIBUTES: readonly SearchAttribute[] = ['merchant', ...FACTS];
