import { useEffect } from "react";
import { useLive } from "~/features/call";

/** What waits for this person, messages and people at the door, is counted in the tab's title. */
export function TitleBadge() {
  const count = useLive((call) => call.chat.unread + call.knocks.size);
  useEffect(() => {
    if (count === 0) return;
    const plain = document.title;
    const counted = `(${count}) ${plain}`;
    document.title = counted;
    return () => {
      // The next page may have its own title already.
      if (document.title === counted) document.title = plain;
    };
  }, [count]);
  return null;
}
