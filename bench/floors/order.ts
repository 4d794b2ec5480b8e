import type { PayloadSettings } from '../../platform/payload-codec/index.ts';

/** The processes of the floors. */
export const FLOOR_ROLES = ['api', 'payments', 'acquirer', 'usual', 'receiver'] as const;
export type FloorRole = (typeof FLOOR_ROLES)[number];

export interface FloorOrder {
  readonly role: FloorRole;
  readonly address: string;
  readonly namespace: string;
  readonly databaseUrl: string;
  readonly payloads: PayloadSettings;
  readonly bundle: string;
}

/** What it says when it can be used; the port of those that listen. */
export interface FloorReady {
  readonly port: number | null;
}
