import type { Attack } from "./attack.ts";
import { HTTP_ATTACKS } from "./http_attacks.ts";
import { MEDIA_ATTACKS } from "./media_attacks.ts";
import { SOCKET_ATTACKS } from "./socket_attacks.ts";

export const ATTACKS: readonly Attack[] = [...HTTP_ATTACKS, ...SOCKET_ATTACKS, ...MEDIA_ATTACKS];
