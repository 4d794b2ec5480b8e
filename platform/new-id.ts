import { TypeID, typeid } from 'typeid-js';
import type {
  AcquirerEventId,
  AdjustmentId,
  ApiKeyId,
  CaseId,
  CommandId,
  CustomerId,
  DecisionId,
  EndpointId,
  EventId,
  AcquirerAccountId,
  MerchantId,
  OAuthClientId,
  OperationId,
  PaymentId,
  ResolutionId,
  SigningSecretId,
  TokenKeyId,
  VerificationId,
} from '../workflows/domain/ids.ts';

interface GeneratedIds {
  mer: MerchantId;
  pay: PaymentId;
  ver: VerificationId;
  cus: CustomerId;
  cmd: CommandId;
  evt: EventId;
  whe: EndpointId;
  case: CaseId;
  aca: AcquirerAccountId;
  cap: OperationId;
  inc: OperationId;
  rea: OperationId;
  ref: OperationId;
  void: OperationId;
  dsp: OperationId;
  wdr: OperationId;
  und: OperationId;
  adj: AdjustmentId;
  /** A data key of Temporal's payloads. */
  dk: `dk_${string}`;
  /** A rotation of a master key. */
  kr: `kr_${string}`;
  res: ResolutionId;
  dcs: DecisionId;
  aev: AcquirerEventId;
  key: ApiKeyId;
  oac: OAuthClientId;
  otk: TokenKeyId;
  sgs: SigningSecretId;
}

/** A new id with that prefix: a TypeID (UUIDv7), unique without coordination and ordered by time. */
export function newId<P extends keyof GeneratedIds>(prefix: P): GeneratedIds[P] {
  return typeid(prefix as string).toString() as GeneratedIds[P];
}

/** The one id of that prefix that belongs to a UUID: the same whenever it is asked for. */
export function idOfUuid<P extends keyof GeneratedIds>(prefix: P, uuid: string): GeneratedIds[P] {
  return TypeID.fromUUID<string>(prefix, uuid).toString() as GeneratedIds[P];
}
