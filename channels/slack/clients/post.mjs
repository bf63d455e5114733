// Slack's own client of the Web API, on the address and token of its arguments. It posts in the
// channel and thread of the others, streams, uploads, and prints what it is told.
import { WebClient, WebClientEvent } from "@slack/web-api";

const [slackApiUrl, token, channel, thread_ts, user] = process.argv.slice(2);
const client = new WebClient(token, { slackApiUrl, logLevel: "error" });
client.on(WebClientEvent.RATE_LIMITED, (seconds) => console.log(`rate limited for ${seconds} s`));

async function refused(what) {
  await what.then(
    () => console.log("not refused"),
    (e) => console.log([e.code, e.data?.error, e.data?.needed, e.retryAfter, ...(e.data?.response_metadata?.messages || [])].filter(Boolean).join(" ")),
  );
}

const me = await client.auth.test();
console.log(`${me.team_id} ${me.user_id} ${me.bot_id} ${me.response_metadata.scopes.includes("chat:write")}`);

const sent = await client.chat.postMessage({ channel, text: "one", blocks: [{ type: "section", text: { type: "mrkdwn", text: "*one* & <@" + user + ">" } }] });
await client.chat.update({ channel, ts: sent.ts, text: "two", blocks: [] });

const stream = client.chatStream({ channel, thread_ts, recipient_user_id: user, recipient_team_id: me.team_id });
await stream.append({ markdown_text: "**gro" + "w".repeat(300) });
await stream.append({ markdown_text: "ing**" });
await stream.stop({ blocks: [{ type: "actions", elements: [{ type: "button", action_id: "a", text: { type: "plain_text", text: "Yes" } }] }] });

await client.files.uploadV2({ channel_id: channel, thread_ts, initial_comment: "see", filename: "a.txt", file: Buffer.from("bytes") });

await refused(client.chat.postMessage({ channel: "C9", text: "x" }));
await refused(client.chat.update({ channel, ts: sent.ts, text: "x".repeat(4001) }));
await refused(client.chat.postMessage({ channel, blocks: [{ type: "actions", elements: [] }], text: "x" }));
await refused(new WebClient("xoxb-x", { slackApiUrl }).auth.test());

const names = [];
for await (const page of client.paginate("users.list", { limit: 1 })) names.push(...page.members.map((m) => m.id));
console.log(names.join());

// Told to wait, the client waits and calls again. An impatient one is told how long it would be.
console.log((await client.conversations.open({ users: user })).channel.id);
const impatient = new WebClient(token, { slackApiUrl, rejectRateLimitedCalls: true, logLevel: "error" });
let calls = 0;
for (; calls < 100; calls++) {
  const e = await impatient.users.list({ limit: 1 }).then(() => null, (e) => e);
  if (!e) continue;
  console.log(`${e.code} ${e.retryAfter > 0 && e.retryAfter <= 60}`);
  break;
}
console.log(`after ${calls} calls`);
