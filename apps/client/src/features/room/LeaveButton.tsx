import { LogOut, Phone, PhoneOff } from "lucide-react";
import { AlertDialog } from "radix-ui";
import { hostRole } from "~/call/host";
import { useCallDispatch, useLive } from "~/features/call";
import { keysOf } from "~/features/settings";
import { Button } from "~/ui/Button";
import { Menu, MenuItem } from "~/ui/Menu";
import { RoundButton } from "~/ui/RoundButton";

function useEndCall() {
  const dispatch = useCallDispatch();
  return () => dispatch({ type: "hostRequested", request: { event: "host:end", payload: {} } });
}

/** Leaves at once; the host is asked whether the meeting goes on without them. */
export function LeaveButton() {
  const owner = useLive((call) => hostRole(call) === "owner");
  const dispatch = useCallDispatch();
  const endCall = useEndCall();
  const leave = () => dispatch({ type: "leaveRequested" });
  const button = (
    <RoundButton
      data-testid="leave"
      look="off"
      label="Leave the meeting"
      keys={keysOf("leave")}
      className="w-14 md:w-[72px]"
      onClick={owner ? undefined : leave}
    >
      <Phone className="rotate-[135deg]" />
    </RoundButton>
  );
  if (!owner) return button;
  return (
    <Menu trigger={button} align="end">
      <MenuItem icon={<LogOut />} data-testid="leave-confirm" onSelect={leave}>
        Leave the meeting
      </MenuItem>
      <MenuItem
        icon={<PhoneOff />}
        data-testid="end-call"
        className="text-danger-ink"
        onSelect={endCall}
      >
        End for everyone
      </MenuItem>
    </Menu>
  );
}

type DialogProps = { readonly open: boolean; readonly onClose: () => void };

/** The same question for the keyboard shortcut, which is too easily pressed by mistake. */
export function LeaveDialog({ open, onClose }: DialogProps) {
  const owner = useLive((call) => hostRole(call) === "owner");
  const dispatch = useCallDispatch();
  const endCall = useEndCall();
  return (
    <AlertDialog.Root open={open} onOpenChange={(next) => next || onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-40 bg-black/60" />
        <AlertDialog.Content
          aria-describedby={undefined}
          className="fixed top-1/2 left-1/2 z-40 w-[calc(100%-2rem)] max-w-md -translate-x-1/2 -translate-y-1/2 animate-rise rounded-2xl bg-surface p-6 shadow-2xl"
        >
          <AlertDialog.Title className="text-lg font-medium">Leave the meeting?</AlertDialog.Title>
          <div className="mt-6 flex flex-wrap justify-end gap-2">
            <AlertDialog.Cancel asChild>
              <Button look="ghost">Stay</Button>
            </AlertDialog.Cancel>
            {owner && (
              <AlertDialog.Action asChild>
                <Button look="outline" onClick={endCall}>
                  End for everyone
                </Button>
              </AlertDialog.Action>
            )}
            <AlertDialog.Action asChild>
              <Button look="danger" onClick={() => dispatch({ type: "leaveRequested" })}>
                Leave
              </Button>
            </AlertDialog.Action>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
