import { LogOut } from "lucide-react";
import type { User } from "~/api/schemas";
import { Avatar } from "~/ui/Avatar";
import { Menu, MenuItem, MenuSeparator } from "~/ui/Menu";
import { useLogout } from "./useAuth";

export function ProfileMenu({ user }: { readonly user: User }) {
  const logout = useLogout();
  return (
    <Menu
      side="bottom"
      align="end"
      trigger={
        <button
          type="button"
          data-testid="profile-menu"
          aria-label={`Account of ${user.username}`}
          className="inline-flex size-11 items-center justify-center rounded-full"
        >
          <Avatar name={user.username} seed={user.id} className="size-9 text-sm" />
        </button>
      }
    >
      <div className="px-4 py-2">
        <p className="font-medium">{user.username}</p>
        <p className="text-xs text-ink-soft">{user.email}</p>
      </div>
      <MenuSeparator />
      <MenuItem icon={<LogOut />} data-testid="logout" onSelect={() => logout.mutate()}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
