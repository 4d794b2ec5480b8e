import { adyen } from './adyen.ts';
import { iso8583 } from './iso8583.ts';
import { stripe } from './stripe.ts';
import type { MatrixWire } from './wire.ts';

export const WIRES: readonly MatrixWire[] = [iso8583, stripe, adyen];
