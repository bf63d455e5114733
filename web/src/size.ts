/** Returns a number of bytes as people read it. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) {
    return `${bytes} B`;
  }
  const [n, unit] = bytes < 1024 * 1024 ? [bytes / 1024, "KB"] : [bytes / 1024 / 1024, "MB"];
  return `${n < 10 && n % 1 >= 0.05 ? n.toFixed(1) : Math.round(n)} ${unit}`;
}
