import { Keyboard } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useNavigate } from "react-router";
import { Button } from "~/ui/Button";
import { fieldClass } from "~/ui/TextField";
import { readRoomCode } from "./roomCode";

export function JoinForm() {
  const navigate = useNavigate();
  const [input, setInput] = useState("");
  const [wrong, setWrong] = useState(false);

  function join(event: FormEvent): void {
    event.preventDefault();
    const code = readRoomCode(input);
    if (code === null) setWrong(true);
    else navigate(`/room/${code}`);
  }

  return (
    <form onSubmit={join} className="flex flex-col gap-2">
      <div className="flex gap-3">
        <div className="relative flex-1">
          <Keyboard
            aria-hidden
            className="pointer-events-none absolute top-1/2 left-4 size-5 -translate-y-1/2 text-ink-soft"
          />
          <input
            aria-label="Code or link of a meeting"
            aria-invalid={wrong}
            aria-describedby={wrong ? "join-note" : undefined}
            placeholder="Enter a code or link"
            data-testid="join-code"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            value={input}
            onChange={(event) => {
              setInput(event.target.value);
              setWrong(false);
            }}
            className={`${fieldClass} pl-12`}
          />
        </div>
        <Button
          type="submit"
          look="secondary"
          data-testid="join"
          disabled={input.trim() === ""}
          className="h-12"
        >
          Join
        </Button>
      </div>
      {wrong && (
        <p id="join-note" role="alert" className="text-sm text-danger-ink">
          A code looks like abc-defg-hij. Check it with whoever invited you.
        </p>
      )}
    </form>
  );
}
