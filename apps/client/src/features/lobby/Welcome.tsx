import { Mic, MonitorUp, Phone, Video } from "lucide-react";
import { Avatar } from "~/ui/Avatar";

const people = ["Ada Lovelace", "Grace Hopper", "Alan Turing", "Hedy Lamarr"] as const;

/** A drawing of a meeting, for who is not signed in. */
export function Welcome() {
  return (
    <div
      aria-hidden
      className="hidden rounded-3xl border border-line/60 bg-[#202124] p-4 shadow-xl lg:block"
    >
      <div className="grid grid-cols-2 gap-3">
        {people.map((name) => (
          <div
            key={name}
            className="relative flex aspect-video items-center justify-center rounded-xl bg-[#3c4043]"
          >
            <Avatar name={name} seed={name} className="h-1/2 text-2xl" />
            <span className="absolute bottom-2 left-3 text-xs font-medium text-white">{name}</span>
          </div>
        ))}
      </div>
      <div className="mt-4 flex justify-center gap-3 text-white">
        {[Mic, Video, MonitorUp].map((Icon) => (
          <span
            key={Icon.displayName}
            className="flex size-10 items-center justify-center rounded-full bg-[#3c4043]"
          >
            <Icon className="size-5" />
          </span>
        ))}
        <span className="flex h-10 w-14 items-center justify-center rounded-full bg-danger">
          <Phone className="size-5 rotate-[135deg]" />
        </span>
      </div>
    </div>
  );
}
