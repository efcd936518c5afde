import type { ReactNode } from "react";
import { Link } from "react-router";
import { Problem, SiteHeader } from "~/features/auth";
import { useCall, useCallDispatch } from "~/features/call";
import type { RequestFailure } from "~/signalling/signalling";
import { Button, buttonClass } from "~/ui/Button";
import { Page } from "~/ui/Page";

type Props = { readonly failure: RequestFailure; readonly onRetry?: () => void };

/** Why the door stayed shut, and what to do about it. */
export function RoomProblem({ failure, onRetry }: Props) {
  const dispatch = useCallDispatch();
  const { title, text, way } = describe(failure);
  const retry = onRetry ?? (() => dispatch({ type: "backRequested" }));
  return (
    <Page header={<SiteHeader />}>
      <Problem
        data-testid="room-error"
        data-code={failure}
        title={title}
        actions={action(way, retry)}
      >
        {text}
      </Problem>
    </Page>
  );
}

type Way = "retry" | "signIn" | "home";
type Text = { readonly title: string; readonly text: string; readonly way: Way };

function action(way: Way, retry: () => void): ReactNode {
  if (way === "home") return null;
  if (way === "signIn") return <SignIn />;
  return <Button onClick={retry}>Try again</Button>;
}

function SignIn() {
  const code = useCall((call) => (call.phase === "refused" ? call.entry.code : ""));
  return (
    <Link to={`/login?next=/room/${code}`} className={buttonClass()}>
      Sign in
    </Link>
  );
}

function describe(failure: RequestFailure): Text {
  switch (failure) {
    case "ROOM_NOT_FOUND":
      return {
        title: "There is no such meeting",
        text: "Check the code with whoever invited you. The meeting may also have been deleted.",
        way: "home",
      };
    case "ROOM_FULL":
      return {
        title: "This meeting is full",
        text: "Wait until somebody leaves, then try again.",
        way: "retry",
      };
    case "ROOM_LOCKED":
      return {
        title: "This meeting is locked",
        text: "The host lets nobody else in at the moment.",
        way: "retry",
      };
    case "LOBBY_DENIED":
      return {
        title: "You were not let in",
        text: "Somebody in the meeting declined your request.",
        way: "retry",
      };
    case "LOBBY_TIMEOUT":
      return {
        title: "Nobody answered",
        text: "No one let you in. The host may be away.",
        way: "retry",
      };
    case "FORBIDDEN":
      return {
        title: "You cannot enter this meeting",
        text: "It is for people with an account only.",
        way: "signIn",
      };
    case "UNAUTHORIZED":
      return {
        title: "You were signed out",
        text: "Sign in again to go back into the meeting.",
        way: "signIn",
      };
    case "RATE_LIMITED":
    case "QUOTA_EXCEEDED":
      return {
        title: "That was too quick",
        text: "Wait a moment, then try again.",
        way: "retry",
      };
    case "VALIDATION_ERROR":
      return {
        title: "Choose another name",
        text: "This name is too much like that of somebody in the meeting, or has characters that cannot be seen.",
        way: "retry",
      };
    case "NO_ANSWER":
    case "OFFLINE":
    case "UNAVAILABLE":
      return {
        title: "The server cannot be reached",
        text: "Check your connection, then try again.",
        way: "retry",
      };
    case "PEER_NOT_FOUND":
    case "NOT_IN_ROOM":
    case "SFU_ERROR":
    case "INTERNAL_ERROR":
    case "BAD_ANSWER":
      return {
        title: "The meeting could not be entered",
        text: "The server had a problem. Try again in a moment.",
        way: "retry",
      };
  }
}
