"""The actions of the bot.

Each of them that does something outside tells so to RASATEST_GATE, an address of the test,
before it goes on: a run is counted there even when this server is killed right after. The
test answers when the action may go on.
"""
import asyncio
import datetime
import json
import os
import urllib.request

from rasa_sdk import Action
from rasa_sdk.events import ReminderScheduled


async def tell(action, tracker):
    """Sends the test a line about a run and waits for its answer."""
    message = tracker.latest_message
    line = {
        "action": action,
        "sender": tracker.sender_id,
        "channel": tracker.get_latest_input_channel(),
        "message_id": message.get("message_id"),
        "text": message.get("text"),
        "metadata": message.get("metadata"),
    }
    request = urllib.request.Request(
        os.environ["RASATEST_GATE"], json.dumps(line).encode(), {"Content-Type": "application/json"}
    )
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, lambda: urllib.request.urlopen(request).read())


class Count(Action):
    """Has a side effect once, and says so."""

    def name(self):
        return "action_count"

    async def run(self, dispatcher, tracker, domain):
        await tell(self.name(), tracker)
        dispatcher.utter_message(text="counted")
        return []


class Metadata(Action):
    """Says the metadata of the message as JSON, and to which channel it belongs."""

    def name(self):
        return "action_metadata"

    async def run(self, dispatcher, tracker, domain):
        await tell(self.name(), tracker)
        dispatcher.utter_message(text=json.dumps(tracker.latest_message.get("metadata")))
        return []


class Fail(Action):
    """Says something and fails: its server answers 500, and Rasa goes on without it."""

    def name(self):
        return "action_fail"

    async def run(self, dispatcher, tracker, domain):
        await tell(self.name(), tracker)
        dispatcher.utter_message(text="lost with the action")
        raise RuntimeError("this action always fails")


class Die(Action):
    """Ends its whole server in the middle of a turn."""

    def name(self):
        return "action_die"

    async def run(self, dispatcher, tracker, domain):
        await tell(self.name(), tracker)
        os._exit(1)


class Remind(Action):
    """Asks Rasa for a reminder in two seconds."""

    def name(self):
        return "action_remind"

    async def run(self, dispatcher, tracker, domain):
        await tell(self.name(), tracker)
        dispatcher.utter_message(text="wait for it")
        due = datetime.datetime.now() + datetime.timedelta(seconds=2)
        return [ReminderScheduled("EXTERNAL_due", trigger_date_time=due, name="due", kill_on_user_message=False)]


class Elements(Action):
    """Shows cards."""

    def name(self):
        return "action_elements"

    async def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(
            elements=[
                {
                    "title": "Margherita",
                    "subtitle": "Tomato, mozzarella",
                    "image_url": "https://example.org/margherita.png",
                    "buttons": [{"type": "postback", "title": "Order", "payload": "/count"}],
                },
                {"title": "Marinara", "subtitle": "Garlic, no cheese", "image_url": "https://example.org/marinara.png"},
                {"title": "Only a title"},
            ]
        )
        return []


class Say(Action):
    """Says what the metadata of the message holds under "say": a list of the arguments of
    utter_message, for responses that no domain.yml may have."""

    def name(self):
        return "action_say"

    async def run(self, dispatcher, tracker, domain):
        for said in (tracker.latest_message.get("metadata") or {}).get("say", []):
            dispatcher.utter_message(**said)
        return []
