"""Parses the updates of the fake with python-telegram-bot, and answers each: URL and token are
the arguments, and how many updates to wait for."""

import asyncio
import sys

from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup


async def main(url: str, token: str, count: int) -> None:
    bot = Bot(token, base_url=url + "/bot", base_file_url=url + "/file/bot")
    async with bot:
        print("me", (await bot.get_me()).username)
        offset, seen = 0, 0
        while seen < count:
            for u in await bot.get_updates(offset=offset, timeout=10, allowed_updates=["message", "callback_query", "my_chat_member"]):
                offset, seen = u.update_id + 1, seen + 1
                unknown = dict(u.api_kwargs)
                if u.callback_query:
                    await u.callback_query.answer()
                    print("query", u.callback_query.data, u.effective_chat.id, unknown)
                elif u.message and u.message.voice:
                    data = await (await u.message.voice.get_file()).download_as_bytearray()
                    print("voice", u.message.voice.mime_type, bytes(data).decode(), unknown)
                elif u.message:
                    commands = [u.message.parse_entity(e) for e in u.message.entities]
                    print("text", u.message.text, u.effective_chat.type, u.message.message_thread_id, commands, unknown)
                    button = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="/yes")]])
                    await bot.send_message(u.effective_chat.id, "<b>" + u.message.text + "</b>", parse_mode="HTML", reply_markup=button)
                else:
                    print("other", u.effective_chat.id, bool(u.my_chat_member), unknown)
        await bot.get_updates(offset=offset, limit=1, timeout=0)


asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
