// Everything REST can refuse with, as one closed union with a text for people.

export const apiErrorTexts = {
  VALIDATION_ERROR: "Some of that is not valid. Check the fields and try again.",
  UNAUTHORIZED: "The e-mail or the password is wrong.",
  FORBIDDEN: "You are not allowed to do that.",
  NOT_FOUND: "That does not exist.",
  ROOM_NOT_FOUND: "There is no meeting with this code.",
  USER_NOT_FOUND: "There is no such person.",
  METHOD_NOT_ALLOWED: "The server did not understand the page. Reload it.",
  NOT_ACCEPTABLE: "The server did not understand the page. Reload it.",
  LENGTH_REQUIRED: "The server did not understand the page. Reload it.",
  PAYLOAD_TOO_LARGE: "That is too long.",
  UNSUPPORTED_MEDIA_TYPE: "The server did not understand the page. Reload it.",
  HEADERS_TOO_LARGE: "Your browser sent too much. Clear the cookies of this site and try again.",
  EMAIL_TAKEN: "There is already an account with this e-mail.",
  USERNAME_TAKEN: "This username is taken. Choose another one.",
  SLUG_TAKEN: "This meeting code is taken. Choose another one.",
  ACCOUNT_LOCKED: "Too many attempts. This account is locked for a while.",
  RATE_LIMITED: "That was too quick. Wait a moment and try again.",
  INTERNAL_ERROR: "The server had a problem. Try again in a moment.",
  UNAVAILABLE: "The server is not ready. Try again in a moment.",
  NETWORK: "The server cannot be reached. Check your connection and try again.",
  BAD_ANSWER: "The server's answer was not understood. Reload the page.",
} as const;

export type ApiErrorCode = keyof typeof apiErrorTexts;

export type FieldError = { readonly field: string; readonly message: string };

export class ApiError extends Error {
  readonly code: ApiErrorCode;
  /** Seconds until it makes sense to try again, from `Retry-After`. */
  readonly retryAfterSeconds: number | null;
  readonly details: readonly FieldError[];

  constructor(
    code: ApiErrorCode,
    details: readonly FieldError[] = [],
    retryAfterSeconds: number | null = null,
  ) {
    super(code);
    this.name = "ApiError";
    this.code = code;
    this.details = details;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export function isApiErrorCode(code: string): code is ApiErrorCode {
  return Object.hasOwn(apiErrorTexts, code);
}

/** What to tell a person about anything that was thrown while asking the server. */
export function describeApiError(error: unknown): string {
  if (!(error instanceof ApiError)) return apiErrorTexts.INTERNAL_ERROR;
  const text = apiErrorTexts[error.code];
  if (error.retryAfterSeconds === null) return text;
  const minutes = Math.ceil(error.retryAfterSeconds / 60);
  const wait = error.retryAfterSeconds < 90 ? `${error.retryAfterSeconds} s` : `${minutes} minutes`;
  return `${text} Try again in ${wait}.`;
}
