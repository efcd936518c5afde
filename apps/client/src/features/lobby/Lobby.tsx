import { SiteHeader, useAuth } from "~/features/auth";
import { Page } from "~/ui/Page";
import { JoinForm } from "./JoinForm";
import { NewMeeting } from "./NewMeeting";
import { RecentRooms } from "./RecentRooms";
import { Welcome } from "./Welcome";

/** The home page: start a meeting, enter one by its code, or go back into a recent one. */
export function Lobby() {
  const auth = useAuth();
  return (
    <Page header={<SiteHeader />}>
      <div className="grid w-full max-w-6xl grid-cols-1 items-center gap-12 lg:grid-cols-2 lg:gap-20">
        <section className="flex flex-col gap-8">
          <div>
            <h1 className="text-4xl leading-tight font-semibold tracking-tight text-balance md:text-5xl">
              Video meetings for everyone
            </h1>
            <p className="mt-4 max-w-lg text-lg text-ink-soft">
              Talk, see each other and share a screen, right in the browser. Send the link, that is
              all it takes.
            </p>
          </div>
          <NewMeeting auth={auth} />
          <div className="flex items-center gap-4 text-sm text-ink-soft">
            <span className="h-px flex-1 bg-line" />
            or join with a code
            <span className="h-px flex-1 bg-line" />
          </div>
          <JoinForm />
        </section>
        {auth.user !== null ? <RecentRooms /> : <Welcome />}
      </div>
    </Page>
  );
}
