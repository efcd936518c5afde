import { Moon, Sun, SunMoon } from "lucide-react";
import { RoundButton } from "~/ui/RoundButton";
import { setTheme, type Theme, themes, useTheme } from "./theme";

const icons = { system: SunMoon, dark: Moon, light: Sun } as const;
const names = { system: "as the system", dark: "dark", light: "light" } satisfies Record<
  Theme,
  string
>;

/** Goes round: as the system, dark, light. */
export function ThemeToggle() {
  const theme = useTheme();
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? "system";
  const Icon = icons[theme];
  return (
    <RoundButton
      look="ghost"
      label={`Colours: ${names[theme]}. Switch to ${names[next]}`}
      onClick={() => setTheme(next)}
    >
      <Icon />
    </RoundButton>
  );
}
