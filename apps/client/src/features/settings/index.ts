export { DeviceFields } from "./DeviceFields";
export { LevelMeterBar } from "./LevelMeterBar";
export { letterKeys } from "./letterKeys";
export { MediaProblems } from "./MediaProblems";
export type { SettingsTab } from "./SettingsDialog";
export { SettingsDialog } from "./SettingsDialog";
export { keysOf, matchShortcut, type ShortcutId } from "./shortcuts";
export { ThemeToggle } from "./ThemeToggle";
export { followSystem, themeScript } from "./theme";
