// The conversation of a call as data: what was said, what is on its way, what is unread.
import type { Message, MessagePage } from "~/api/schemas";

/** A message that was sent from here and is not confirmed yet. */
export type Outgoing = {
  readonly clientId: string;
  readonly content: string;
  readonly failed: boolean;
};

export type ChatState = {
  /** Oldest first. */
  readonly messages: readonly Message[];
  readonly outgoing: readonly Outgoing[];
  /** `before` of the next older page; null: this is the beginning. */
  readonly cursor: string | null;
  readonly loadingOlder: boolean;
  /** Messages of others that came while the panel was shut. */
  readonly unread: number;
  /** The first message that was unread when the panel was opened; draws the "New" line. */
  readonly firstUnreadId: string | null;
  readonly typing: ReadonlySet<string>;
  /** What was written and not sent; outlives the panel. */
  readonly draft: string;
};

export const emptyChat: ChatState = {
  messages: [],
  outgoing: [],
  cursor: null,
  loadingOlder: false,
  unread: 0,
  firstUnreadId: null,
  typing: new Set(),
  draft: "",
};

/** The stored messages at joining. After a reconnect what is still unsent stays in the queue. */
export function enterChat(before: ChatState, { messages, nextCursor }: MessagePage): ChatState {
  const known = new Set(messages.map((message) => message.id));
  const older = before.messages.filter((message) => !known.has(message.id));
  const kept = nextCursor === null ? [] : older;
  const all = [...kept, ...messages];
  const cursor = nextCursor === null ? null : (all[0]?.id ?? null);
  return { ...before, messages: all, cursor, loadingOlder: false, typing: new Set() };
}

/** Back in a room that had let this person go: what the others said meanwhile is unread. */
export function returnToChat(
  before: ChatState,
  page: MessagePage,
  isOwn: (message: Message) => boolean,
  panelOpen: boolean,
): ChatState {
  const known = new Set(before.messages.map((message) => message.id));
  const missed = page.messages.filter((message) => !known.has(message.id) && !isOwn(message));
  const after = enterChat(before, page);
  return panelOpen ? after : markUnread(after, missed);
}

function markUnread(chat: ChatState, news: readonly Message[]): ChatState {
  const firstUnreadId = chat.unread === 0 ? news[0]?.id : undefined;
  return {
    ...chat,
    unread: chat.unread + news.length,
    firstUnreadId: firstUnreadId ?? chat.firstUnreadId,
  };
}

export function submit(chat: ChatState, content: string, clientId: string): ChatState {
  return { ...chat, outgoing: [...chat.outgoing, { clientId, content, failed: false }] };
}

export function markFailed(chat: ChatState, clientId: string): ChatState {
  return { ...chat, outgoing: setFailed(chat.outgoing, clientId, true) };
}

export function markRetried(chat: ChatState, clientId: string): ChatState {
  return { ...chat, outgoing: setFailed(chat.outgoing, clientId, false) };
}

function setFailed(list: readonly Outgoing[], clientId: string, failed: boolean) {
  return list.map((one) => (one.clientId === clientId ? { ...one, failed } : one));
}

/** Ours comes back too, by event or by acknowledgement: whichever is first confirms it. */
export function receive(
  chat: ChatState,
  message: Message,
  clientId: string | undefined,
  panelOpen: boolean,
): ChatState {
  const ours = chat.outgoing.some((one) => one.clientId === clientId);
  const outgoing = ours ? chat.outgoing.filter((one) => one.clientId !== clientId) : chat.outgoing;
  if (chat.messages.some((known) => known.id === message.id)) return { ...chat, outgoing };
  const next = { ...chat, outgoing, messages: [...chat.messages, message] };
  return ours || panelOpen ? next : markUnread(next, [message]);
}

export function addOlder(chat: ChatState, page: MessagePage): ChatState {
  const known = new Set(chat.messages.map((message) => message.id));
  const older = page.messages.filter((message) => !known.has(message.id));
  return {
    ...chat,
    messages: [...older, ...chat.messages],
    cursor: page.nextCursor,
    loadingOlder: false,
  };
}

export function setTyping(chat: ChatState, peerId: string, typing: boolean): ChatState {
  if (chat.typing.has(peerId) === typing) return chat;
  const next = new Set(chat.typing);
  if (typing) next.add(peerId);
  else next.delete(peerId);
  return { ...chat, typing: next };
}
