// Slack's own client of Socket Mode, on the address and app token of its arguments. It prints
// what it gets, acknowledges that, and connects again when it is told to.
import { SocketModeClient } from "@slack/socket-mode";

const [slackApiUrl, appToken] = process.argv.slice(2);
const client = new SocketModeClient({ appToken, clientPingTimeout: 500, logLevel: "error", clientOptions: { slackApiUrl } });

client.on("connected", () => console.log("connected"));
client.on("message", async ({ event, ack, retry_num, retry_reason }) => {
  if (event.text === "silence" && !retry_num) return; // it comes again
  await ack();
  console.log(`message ${event.text}${retry_num ? ` retry ${retry_num} ${retry_reason}` : ""}`);
});
client.on("slash_commands", async ({ body, ack }) => {
  console.log(`command ${body.command} ${body.text}`);
  await ack({ text: `you ask ${body.text}` });
});
client.on("interactive", async ({ body, ack }) => {
  await ack();
  console.log(`action ${body.actions[0].value}`);
});

await client.start();
process.stdin.on("end", async () => {
  await client.disconnect();
  console.log("stopped");
});
process.stdin.resume();
