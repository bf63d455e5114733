// Runs before the first paint, so that a dark page does not flash white.
import { serviceUrl } from "./base.js";
import { isEmbedded } from "./embedding.js";
import { fragment } from "./fragment.js";
import { openStore } from "./storage.js";
import { paint } from "./theme.js";

if (isEmbedded()) {
  document.documentElement.dataset["embed"] = fragment().has("channel") ? "channel" : "";
}
paint(openStore("localStorage", serviceUrl().pathname));
