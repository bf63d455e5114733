// What the page loads with the first reply that needs it.
export { BlockView } from "./blockview.js";
export { jsonBody } from "./jsonbody.js";
