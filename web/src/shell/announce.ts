// The two live regions of the document, there from the first byte so that screen readers know them.

function say(id: "status" | "alert", text: string): void {
  const region = document.getElementById(id);
  if (region === null) return;
  // The same words twice have to be heard twice.
  region.textContent = "";
  requestAnimationFrame(() => {
    region.textContent = text;
  });
}

export const announce = (text: string): void => say("status", text);
export const alarm = (text: string): void => say("alert", text);
