/**
 * Fills the screen with the page, or ends that. The whole page, because menus and dialogs live at
 * its end and would not be seen over a part of it. A refusal changes nothing.
 */
export function toggleFullScreen(): void {
  const change =
    document.fullscreenElement === null
      ? document.documentElement.requestFullscreen?.()
      : document.exitFullscreen();
  change?.catch(() => {});
}
