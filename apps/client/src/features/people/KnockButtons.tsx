import { useCallDispatch } from "~/features/call";
import { Button } from "~/ui/Button";

type Props = { readonly peerId: string; readonly name: string };

export function KnockButtons({ peerId, name }: Props) {
  const dispatch = useCallDispatch();
  const answer = (event: "host:admit" | "host:deny") => () =>
    dispatch({ type: "hostRequested", request: { event, payload: { peerId } } });
  return (
    <span className="flex shrink-0 items-center gap-1">
      <Button
        look="ghost"
        data-testid="deny"
        aria-label={`Deny ${name}`}
        compact
        onClick={answer("host:deny")}
      >
        Deny
      </Button>
      <Button
        data-testid="admit"
        aria-label={`Admit ${name}`}
        compact
        onClick={answer("host:admit")}
      >
        Admit
      </Button>
    </span>
  );
}
