// Focus to the open message from elsewhere in the app.

export const HEADING_ID = "message-heading";

const FRAMES_MAX = 90;

/** As soon as the message of the current address is drawn; the one before it may still stand there for a moment. */
export function focusReadingPane(frames = FRAMES_MAX): void {
  requestAnimationFrame(() => {
    const heading = document.getElementById(HEADING_ID);
    if (heading !== null) heading.focus();
    else if (frames > 0) focusReadingPane(frames - 1);
  });
}
