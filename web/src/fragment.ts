/** Returns what stands behind "#" in the address: what a link, or the script in another page, asks for. */
export function fragment(): URLSearchParams {
  return new URLSearchParams(location.hash.slice(1));
}
