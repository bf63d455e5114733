// Opens a page of this folder in Chromium, sends it a message, and prints as JSON what
// the page shows then and what the console complained of. Arguments: address, message.
import { launch } from "../../web/test/kit.mjs";

const [address, message] = process.argv.slice(2);
const browser = await launch();
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(20_000);
  const complaints = [];
  page.on("pageerror", (err) => complaints.push(String(err)));
  page.on("console", (m) => ["error", "warning"].includes(m.type()) && complaints.push(m.text()));
  await page.goto(address);
  await page.getByRole("textbox", { name: "Message" }).fill(message);
  await page.keyboard.press("Enter");
  const log = page.getByRole("log");
  await log.filter({ hasText: /\S/ }).waitFor();
  console.log(JSON.stringify({ shows: (await log.innerText()).trim(), complaints }));
} finally {
  await browser.close();
}
