import { OPERATIONS, type End, type Operation } from './ends.ts';
import { ENDS_OF, FAULT_NAMES, FAULTS, type FaultName, type FaultRow } from './faults.ts';
import type { MatrixWire } from './wires/wire.ts';

/** One fault, done to one operation, on one wire. */
export interface Cell {
  readonly wire: MatrixWire;
  readonly fault: FaultName;
  readonly operation: Operation;
  /** How it may end; the first is what is meant. */
  readonly ends: readonly [End, ...End[]];
}

/** Which cells of the matrix; everything where nothing is given. */
export interface Choice {
  readonly faults?: readonly string[];
  readonly operations?: readonly string[];
}

/** How that operation may end there after that fault; null when the fault does not exist there. */
function endsOf(wire: MatrixWire, fault: FaultName, operation: Operation): Cell['ends'] | null {
  const differs = wire.differs[fault];
  if (differs === null) return null;
  const own = differs?.[operation];
  if (own === null) return null;
  return own === undefined ? ENDS_OF[FAULTS[fault].effect][wire.settles[operation]] : [own];
}

export function cellsOf(wire: MatrixWire, { faults, operations }: Choice = {}): readonly Cell[] {
  return FAULT_NAMES.filter((fault) => faults?.includes(fault) ?? true).flatMap((fault) =>
    OPERATIONS.filter((operation) => operations?.includes(operation) ?? true).flatMap((operation) => {
      const ends = endsOf(wire, fault, operation);
      return ends === null ? [] : [{ wire, fault, operation, ends }];
    }),
  );
}

export function faultOf({ fault }: Cell): FaultRow {
  return FAULTS[fault];
}
