// @ts-check

/** Once the next picture has been drawn, or at once where nobody looks: the driver's answer comes first. @param {() => void} work */
export function afterFrame(work) {
  if (document.hidden) work();
  else requestAnimationFrame(() => setTimeout(work));
}
