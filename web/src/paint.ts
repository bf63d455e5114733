// Runs before the first paint, so that a dark page does not flash white.
import { serviceUrl } from "./base.js";
import { openStore } from "./storage.js";
import { paint } from "./theme.js";

paint(openStore("localStorage", serviceUrl().pathname));
