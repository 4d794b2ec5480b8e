/** The error types of AWS KMS that this emulator answers, as the SDK knows them. */
export type KmsErrorType =
  | 'AlreadyExistsException'
  | 'DisabledException'
  | 'IncorrectKeyException'
  | 'InvalidAliasNameException'
  | 'InvalidCiphertextException'
  | 'InvalidKeyUsageException'
  | 'KMSInternalException'
  | 'KMSInvalidMacException'
  | 'KMSInvalidSignatureException'
  | 'KMSInvalidStateException'
  | 'NotFoundException'
  | 'ThrottlingException'
  | 'UnknownOperationException'
  | 'ValidationException';

/** An answer other than 200: `__type` and message of the AWS JSON 1.1 protocol. */
export class KmsError extends Error {
  override readonly name = 'KmsError';
  readonly type: KmsErrorType;
  constructor(type: KmsErrorType, message: string) {
    super(message);
    this.type = type;
  }
}
