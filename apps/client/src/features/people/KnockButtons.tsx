import { useCallDispatch } from "~/features/call";
import { Button } from "~/ui/Button";

type Props = { readonly peerId: string; readonly name: string };

export function KnockButtons({ peerId, name }: Props) {
  const dispatch = useCallDispatch();
  const answer = (event: "host:admit" | "host:deny") => () =>
    dispatch({ type: "hostRequested", request: { event, payload: { peerId } } });
  return (
    <>
      <Button
        look="ghost"
        data-testid="deny"
        aria-label={`Deny ${name}`}
        className="h-10 px-3"
        onClick={answer("host:deny")}
      >
        Deny
      </Button>
      <Button
        data-testid="admit"
        aria-label={`Admit ${name}`}
        className="h-10 px-4"
        onClick={answer("host:admit")}
      >
        Admit
      </Button>
    </>
  );
}
