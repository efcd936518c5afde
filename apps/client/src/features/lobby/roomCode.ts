// Reads what people type or paste to get into a meeting.

/**
 * The slug in a link, a code, or a code without its dashes; null when there is none. Generated
 * slugs are `abc-defg-hij`; chosen ones have 3 to 64 of a-z, 0-9 and -.
 */
export function readRoomCode(input: string): string | null {
  const text = input.trim();
  const link = /\/room\/([^/?#\s]+)/.exec(text);
  const code = (link?.[1] ?? text).toLowerCase().replace(/\s+/g, "");
  const bare = /^([a-z]{3})([a-z]{4})([a-z]{3})$/.exec(code);
  if (bare !== null) return `${bare[1]}-${bare[2]}-${bare[3]}`;
  return /^[a-z0-9-]{3,64}$/.test(code) ? code : null;
}

/** The address that others can open. */
export function roomLink(origin: string, slug: string): string {
  return `${origin}/room/${slug}`;
}
