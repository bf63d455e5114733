// An app of Bolt, Slack's own framework, that is delivered to by HTTP. It prints what it gets,
// answers, and asks what the arguments' Web API answers: address, token and signing secret.
import bolt from "@slack/bolt";

const [slackApiUrl, token, signingSecret] = process.argv.slice(2);
const app = new bolt.App({ token, signingSecret, clientOptions: { slackApiUrl }, logLevel: "error" });

app.message(async ({ message, say, context }) => {
  const retry = context.retryNum ? ` retry ${context.retryNum} ${context.retryReason}` : "";
  const files = (message.files || []).map((f) => `${f.name} ${f.mimetype} ${f.size}`).join();
  console.log(["message", message.channel_type, message.subtype, message.text, files].filter(Boolean).join(" ") + retry);
  if (message.text === "buttons") {
    const button = { type: "button", action_id: "yes", text: { type: "plain_text", text: "Yes" }, value: "/yes" };
    await say({ text: "?", blocks: [{ type: "actions", elements: [button] }] });
  }
});
app.event("app_mention", async ({ event, say }) => {
  console.log(`app_mention ${event.text}`);
  await say({ text: "here", thread_ts: event.ts });
});
app.event("agent_session_stopped", async () => {});
app.action("yes", async ({ ack, action, respond }) => {
  await ack();
  console.log(`action ${action.type} ${action.value}`);
  await respond("chosen");
});
app.command("/ask", async ({ ack, command }) => {
  console.log(`command ${command.command} ${command.text}`);
  await ack(`you ask ${command.text}`);
});
app.shortcut("sum", async ({ ack, shortcut }) => {
  await ack();
  console.log(`shortcut ${shortcut.type} ${shortcut.message.text}`);
});
app.error(async (e) => console.log(`error ${e.message}`));

const server = await app.start({ port: 0, host: "127.0.0.1" });
console.log(`listening ${server.address().port}`);
process.stdin.on("end", async () => {
  await app.stop();
  console.log("stopped");
});
process.stdin.resume();
