/** Work that waits until what the person looks at is drawn. */

/** This will run `work` after the next frame; a hidden page draws none, and waits for nothing. */
export function afterDrawing(work: () => void): void {
  if (document.hidden) work();
  else requestAnimationFrame(() => setTimeout(work));
}
