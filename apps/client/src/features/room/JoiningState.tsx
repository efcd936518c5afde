import { useCallDispatch } from "~/features/call";
import { Button } from "~/ui/Button";
import { ConnectionState } from "./ConnectionBanner";

/** While the door opens: the way out, and a word when it takes long. */
export function JoiningState({ connection }: { readonly connection: string }) {
  const dispatch = useCallDispatch();
  const slow = connection !== "connecting";
  return (
    <div className="flex flex-col items-center gap-3">
      <ConnectionState />
      {slow && <p role="status">The server does not answer yet. We keep trying.</p>}
      <Button look="ghost" onClick={() => dispatch({ type: "leaveRequested" })}>
        Cancel
      </Button>
    </div>
  );
}
