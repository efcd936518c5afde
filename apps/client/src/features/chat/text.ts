// How the conversation is shown: links, days, and who goes on speaking. Pure.
import type { Message } from "~/api/schemas";

export type Part = { readonly text: string; readonly href: string | null };

const LINK = /https?:\/\/[^\s<>"']+/g;
/** Signs that end a sentence rather than an address. */
const TAIL = /[.,;:!?)\]}]+$/;

/** Cuts a text into plain parts and links. Only http and https become links. */
export function splitLinks(text: string): readonly Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    const href = match[0].replace(TAIL, "");
    if (match.index > end) parts.push({ text: text.slice(end, match.index), href: null });
    parts.push({ text: href, href });
    end = match.index + href.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), href: null });
  return parts;
}

export type Line =
  | { readonly type: "day"; readonly id: string; readonly day: Date }
  | { readonly type: "new"; readonly id: string }
  | {
      readonly type: "message";
      readonly id: string;
      readonly message: Message;
      /** Goes on from the line above: no name and time again. */
      readonly joined: boolean;
    };

const JOIN_WITHIN_MS = 5 * 60_000;

/** The lines of the list: a new day and the first unread message are announced by a line. */
export function toLines(
  messages: readonly Message[],
  firstUnreadId: string | null,
): readonly Line[] {
  const lines: Line[] = [];
  let before: Message | null = null;
  for (const message of messages) {
    const at = new Date(message.createdAt);
    const newDay = before === null || !sameDay(new Date(before.createdAt), at);
    const isFirstUnread = message.id === firstUnreadId;
    if (newDay) lines.push({ type: "day", id: `day-${message.id}`, day: at });
    if (isFirstUnread) lines.push({ type: "new", id: `new-${message.id}` });
    const joined = !newDay && !isFirstUnread && before !== null && goesOn(before, message);
    lines.push({ type: "message", id: message.id, message, joined });
    before = message;
  }
  return lines;
}

function goesOn(before: Message, message: Message): boolean {
  const sameSender = before.userId === message.userId && before.username === message.username;
  const apart = Date.parse(message.createdAt) - Date.parse(before.createdAt);
  return sameSender && apart < JOIN_WITHIN_MS;
}

function sameDay(a: Date, b: Date): boolean {
  return a.toDateString() === b.toDateString();
}

/** "Ada is typing…", "Ada and Bob are typing…", "Several people are typing…", or nothing. */
export function typingText(names: readonly string[]): string {
  const [first, second] = names;
  if (first === undefined) return "";
  if (second === undefined) return `${first} is typing…`;
  if (names.length === 2) return `${first} and ${second} are typing…`;
  return "Several people are typing…";
}
