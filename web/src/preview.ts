/** The most pictures that are kept for showing. */
const most = 64;

/** Addresses of pictures that were uploaded from this page, by their ref: the service gives none back. */
const kept = new Map<string, string>();

/** Returns an address at which a file can be shown, if it is a picture. Who asks for it revokes it, or keeps it. */
export function previewOf(file: File): string | undefined {
  return /^image\/(png|jpeg|gif|webp|avif)$/.test(file.type) ? URL.createObjectURL(file) : undefined;
}

export function keepPreview(ref: string, url: string): void {
  kept.set(ref, url);
  const [oldest] = kept;
  if (oldest && kept.size > most) {
    kept.delete(oldest[0]);
    URL.revokeObjectURL(oldest[1]);
  }
}

export function keptPreview(ref: string): string | undefined {
  return kept.get(ref);
}
