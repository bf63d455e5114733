/** Returns where the service is: the page is at chat/ below it, whatever the prefix. */
export function serviceUrl(): URL {
  return new URL("../", location.origin + location.pathname);
}
