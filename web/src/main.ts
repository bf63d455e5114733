import { serviceUrl } from "./base.js";
import { Client } from "./client.js";
import { known } from "./dom.js";
import { Page } from "./page.js";
import { openStore } from "./storage.js";
import { switchThemes } from "./theme.js";
import { Tokens } from "./token.js";

const base = serviceUrl();
const store = openStore("localStorage", base.pathname);
const tokens = new Tokens(openStore("sessionStorage", base.pathname));

switchThemes(known("theme"), store);
new Page(base.href, new Client(base.href, tokens), store, tokens).start();
