import { useEffect, useState } from "react";
import { createCall } from "~/call/call";
import { probeCall } from "~/call/probe";
import { CallContext, useApi, useCall } from "~/features/call";
import { After, GoingBackIn } from "./After";
import { CallScreen } from "./CallScreen";
import { PreJoin } from "./PreJoin";
import { RoomProblem } from "./RoomProblem";

/** One meeting, from the green room to the goodbye. */
export function RoomPage({ code }: { readonly code: string }) {
  const api = useApi();
  const [call] = useState(() => createCall(api));
  useEffect(() => {
    const end = call.start();
    probeCall(call);
    return () => {
      probeCall(null);
      end();
    };
  }, [call]);
  return (
    <CallContext value={call}>
      <Phase code={code} />
    </CallContext>
  );
}

function Phase({ code }: { readonly code: string }) {
  const state = useCall((call) => call);
  switch (state.phase) {
    case "idle":
    case "waiting":
      return <PreJoin code={code} />;
    case "joining":
      return state.again ? <GoingBackIn /> : <PreJoin code={code} />;
    case "live":
      return <CallScreen />;
    case "refused":
      return <RoomProblem failure={state.code} />;
    case "ended":
      return <After entry={state.entry} reason={state.reason} />;
  }
}
