/** Whether keys go into a text, a list of choices or a dialog, so that letters are no shortcuts. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest("input, textarea, select, [contenteditable], [role=menu], [role=dialog]") !==
      null
  );
}

/** Whether Space belongs to the element that has the focus. */
export function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("button, a, [role], [tabindex]") !== null;
}
