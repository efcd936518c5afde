import { ArrowDown } from "lucide-react";
import { useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Message } from "~/api/schemas";
import type { Outgoing } from "~/call/chatState";
import { useCallDispatch, useLive } from "~/features/call";
import { Button } from "~/ui/Button";
import { splitLinks, toLines } from "./text";

/** Closer to the end than this counts as being at the end. */
const END_PX = 48;

/** The conversation, newest below. Stays at the end only for who is there already. */
export function MessageList({ onOlder }: { readonly onOlder: () => void }) {
  // One by one: what is being written changes the chat too, and must not draw the list anew.
  const messages = useLive((call) => call.chat.messages);
  const outgoing = useLive((call) => call.chat.outgoing);
  const firstUnreadId = useLive((call) => call.chat.firstUnreadId);
  const hasOlder = useLive((call) => call.chat.cursor !== null);
  const loadingOlder = useLive((call) => call.chat.loadingOlder);
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const before = useRef<{ oldest: string | undefined; count: number; height: number } | null>(null);
  const [missed, setMissed] = useState(0);
  const lines = useMemo(() => toLines(messages, firstUnreadId), [messages, firstUnreadId]);
  const oldest = messages[0]?.id;
  const count = messages.length + outgoing.length;

  useLayoutEffect(() => {
    const element = list.current;
    if (element === null) return;
    const last = before.current;
    const grewAbove = last !== null && last.oldest !== oldest;
    if (grewAbove && !atEnd.current) element.scrollTop += element.scrollHeight - last.height;
    else if (atEnd.current) element.scrollTop = element.scrollHeight;
    else if (last !== null && count > last.count) setMissed((n) => n + count - last.count);
    before.current = { oldest, count, height: element.scrollHeight };
  }, [oldest, count]);

  function onScroll(): void {
    const element = list.current;
    if (element === null) return;
    atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < END_PX;
    if (atEnd.current) setMissed(0);
  }

  function toEnd(): void {
    list.current?.scrollTo({ top: list.current.scrollHeight });
    setMissed(0);
  }

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={list}
        onScroll={onScroll}
        role="log"
        aria-label="Messages"
        className="h-full overflow-y-auto px-5 pb-2"
      >
        {hasOlder && (
          <div className="flex justify-center py-2">
            <Button
              look="ghost"
              compact
              className="text-link"
              busy={loadingOlder}
              onClick={onOlder}
            >
              Show older messages
            </Button>
          </div>
        )}
        {count === 0 && (
          <p className="pt-10 text-center text-sm text-balance text-ink-soft">
            Nothing was said yet. Messages are kept with the meeting, for everyone who is in it.
          </p>
        )}
        {lines.map((line) => {
          if (line.type === "day") return <DayLine key={line.id} day={line.day} />;
          if (line.type === "new") return <NewLine key={line.id} />;
          return <MessageLine key={line.id} message={line.message} joined={line.joined} />;
        })}
        {outgoing.map((one) => (
          <OutgoingLine key={one.clientId} outgoing={one} />
        ))}
      </div>
      {missed > 0 && (
        <Button
          compact
          className="absolute bottom-2 left-1/2 -translate-x-1/2 shadow-lg"
          onClick={toEnd}
        >
          {missed} new {missed === 1 ? "message" : "messages"}
          <ArrowDown className="size-4" />
        </Button>
      )}
    </div>
  );
}

const dayFormat = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const timeFormat = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

function DayLine({ day }: { readonly day: Date }) {
  const isToday = day.toDateString() === new Date().toDateString();
  return (
    <p className="my-4 text-center text-xs text-ink-soft">
      {isToday ? "Today" : dayFormat.format(day)}
    </p>
  );
}

function NewLine() {
  return (
    <p className="my-3 flex items-center gap-3 text-xs font-medium text-link">
      <span className="h-px flex-1 bg-primary" />
      New
      <span className="h-px flex-1 bg-primary" />
    </p>
  );
}

function MessageLine({ message, joined }: { readonly message: Message; readonly joined: boolean }) {
  return (
    <article data-testid="chat-message" className={joined ? "mt-1" : "mt-4"}>
      {!joined && (
        <p className="mb-0.5 flex items-baseline gap-2 text-sm">
          <span dir="auto" className="truncate font-medium">
            {message.username}
          </span>
          <time dateTime={message.createdAt} className="shrink-0 text-xs text-ink-soft">
            {timeFormat.format(new Date(message.createdAt))}
          </time>
        </p>
      )}
      <Text content={message.content} />
    </article>
  );
}

function Text({ content }: { readonly content: string }) {
  return (
    <p dir="auto" className="text-sm leading-relaxed break-words whitespace-pre-wrap">
      {splitLinks(content).map(({ text, href }, i) =>
        href === null ? (
          text
        ) : (
          <a
            key={i}
            href={href}
            target="_blank"
            rel="noopener noreferrer"
            className="text-link underline"
          >
            {text}
          </a>
        ),
      )}
    </p>
  );
}

function OutgoingLine({ outgoing }: { readonly outgoing: Outgoing }) {
  const dispatch = useCallDispatch();
  const { clientId, content, failed } = outgoing;
  return (
    <article className="mt-4">
      <div className="opacity-60">
        <Text content={content} />
      </div>
      {failed && (
        <p role="alert" className="text-xs text-danger-ink">
          Not sent.{" "}
          <button
            type="button"
            className="font-medium underline"
            onClick={() => dispatch({ type: "chatRetried", clientId })}
          >
            Try again
          </button>
        </p>
      )}
    </article>
  );
}
