import { Link } from "react-router";
import { ThemeToggle } from "~/features/settings";
import { buttonClass } from "~/ui/Button";
import { ProfileMenu } from "./ProfileMenu";
import { useAuth } from "./useAuth";

/** Logo, colours, and who is signed in. `bare` leaves the last out (on the sign-in pages). */
export function SiteHeader({ bare = false }: { readonly bare?: boolean }) {
  const { user, loading } = useAuth();
  return (
    <>
      <Link to="/" className="flex min-h-11 items-center gap-3 rounded-lg text-lg font-medium">
        <img src="/favicon.svg" alt="" className="size-8" />
        <span className="whitespace-nowrap max-[359px]:sr-only">WebRTC Chat</span>
      </Link>
      <div className="flex items-center gap-2">
        <ThemeToggle />
        {!bare && user !== null && <ProfileMenu user={user} />}
        {!bare && user === null && !loading && (
          <Link to="/login" className={buttonClass("outline", "px-5")}>
            Sign in
          </Link>
        )}
      </div>
    </>
  );
}
