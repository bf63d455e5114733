// A bot of grammY, a published client of the Bot API, on the address and token of its arguments.
// It polls, answers, edits, uploads, answers presses, and prints each error that it is given.
import { Bot, InlineKeyboard, InputFile } from "grammy";

const [apiRoot, token] = process.argv.slice(2);
const bot = new Bot(token, { client: { apiRoot } });

bot.on("message:text", async (c) => {
  switch (c.message.text) {
    case "buttons":
      await c.reply("?", { reply_markup: new InlineKeyboard().text("Yes", "/yes") });
      break;
    case "photo":
      await c.replyWithPhoto(new InputFile(Buffer.from("png"), "a.png"), { caption: "here" });
      break;
    case "edit": {
      const sent = await c.reply("one");
      await c.api.editMessageText(c.chat.id, sent.message_id, "<b>two</b>", { parse_mode: "HTML" });
      await c.api.editMessageText(c.chat.id, sent.message_id, "<b>two</b>", { parse_mode: "HTML" }).catch(report);
      break;
    }
    case "wrong":
      await c.reply("<p>", { parse_mode: "HTML" }).catch(report);
      await c.reply("x".repeat(4097)).catch(report);
      break;
    case "stop":
      await c.reply("bye");
      await bot.stop();
      break;
    default:
      await c.reply(c.message.text);
  }
});
bot.on("message:voice", async (c) => {
  const file = await c.getFile();
  const res = await fetch(`${apiRoot}/file/bot${token}/${file.file_path}`);
  await c.reply(await res.text());
});
bot.on("callback_query:data", async (c) => {
  await c.answerCallbackQuery();
  await c.reply(c.callbackQuery.data);
});
bot.catch((e) => report(e.error));

function report(e) {
  console.log(`${e.error_code} ${e.description}`);
}

await bot.start({ onStart: (me) => console.log(`started ${me.username}`) });
console.log("stopped");
