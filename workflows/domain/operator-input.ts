/**
 * What an operator typed into Temporal Web: it was sealed by the gateway, which knows the person and not
 * the workflow. So it says who sent it, and counts only where a person may say something: as the input
 * of a signal, an update or a query (workflows/refused-payloads.ts). Anywhere else it is refused.
 */
export interface OperatorInput {
  readonly 'quittance/operator': string;
  readonly value: unknown;
}

const MARK = 'quittance/operator' satisfies keyof OperatorInput;

/** @param login of the operator, as the gateway knows it. */
export function operatorInput(login: string, value: unknown): OperatorInput {
  return { [MARK]: login, value };
}

/** Who sent a value and what it is; null when it is not an operator's. */
export function operatorInputOf(input: unknown): { readonly login: string; readonly value: unknown } | null {
  if (typeof input !== 'object' || input === null || !Object.hasOwn(input, MARK)) return null;
  const { [MARK]: login, value } = input as OperatorInput;
  return { login, value };
}
