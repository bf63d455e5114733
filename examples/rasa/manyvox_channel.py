"""Rasa's channel for Manyvox. In Rasa's credentials.yml:
manyvox_channel.ManyvoxInput:
  channels: [telegram, slack]                      # the input_channel of each of Manyvox's channels
  url: http://localhost:5005/agents/rasa/messages  # where to send what is said outside a turn
  secret: whsec_...                                # as in Manyvox's endpoints.yml
"""
import asyncio, base64, contextvars, hmac, json, logging, time, types, uuid
from aiohttp import ClientError
from rasa.core.channels import OutputChannel, RestInput, UserMessage
from rasa.utils.endpoints import EndpointConfig
from sanic import Blueprint, response
current = contextvars.ContextVar("current", default=None)  # the output of the turn
WHOLE = {"Manyvox-Replies": "whole"}  # Manyvox takes replies apart as their channel needs it
NOTES = "timestamp", "utter_action", "model_id", "assistant_id"  # of Rasa for itself

class Failures(logging.Handler):
    def emit(self, record):  # Rasa logs that an action failed, and goes on without it
        if record.exc_info and current.get():
            current.get().failure = str(record.exc_info[1])

class Output(OutputChannel):
    def __init__(self, name, post, replies=None):  # Rasa chooses among responses by the name
        self.name, self.post, self.replies, self.failure = lambda: name, post, replies, None
    async def send_response(self, recipient_id, message):
        reply = {"recipient_id": recipient_id, **{k: v for k, v in message.items() if (v or v == "") and k not in NOTES}}
        await (self.replies.put(reply) if self.replies else self.post(self.name(), reply))

    async def run(self, on_new_message, message, replies):
        current.set(self)
        try:
            await on_new_message(message)
        except Exception as e:
            logging.exception("The turn failed")
            self.failure = f"{type(e).__name__}: {e}"
        self.replies = None  # a reminder speaks later
        replies.put_nowait(self.failure and {"error": {"code": "internal", "message": self.failure}})
        replies.put_nowait(None)

class ManyvoxInput(RestInput):
    name = classmethod(lambda cls: "manyvox")
    from_credentials = classmethod(lambda cls, credentials: cls(**credentials or {}))
    def __init__(self, channels=(), url=None, secret=""):
        self.channels, self.url, self.key = channels, url, base64.b64decode(secret.replace("whsec_", ""))

    def blueprint(self, on_new_message):
        blueprint = Blueprint("manyvox")
        @blueprint.listener("before_server_start")
        async def register(app, _):  # where Rasa looks for output_channel=latest
            logging.getLogger("rasa.core.processor").addHandler(Failures())
            app.ctx.input_channels.extend(types.SimpleNamespace(
                name=lambda n=n: n, get_output_channel=lambda n=n: Output(n, self.post)) for n in self.channels if self.url)

        @blueprint.post("/webhook")
        async def receive(request):
            body, replies, said = request.json, asyncio.Queue(), []
            out = Output(body.get("input_channel") or self.name(), self.post, replies)
            message = UserMessage(body.get("message"), out, body.get("sender"), input_channel=out.name(),
                                  message_id=body.get("message_id"), metadata=body.get("metadata"))
            request.app.add_task(out.run(on_new_message, message, replies))  # goes on when Manyvox has gone
            stream = request.args.get("stream") == "true" and await request.respond(headers=WHOLE)
            while reply := await replies.get():
                said.append(reply)
                stream and await stream.send(json.dumps(reply) + "\n")
            return await stream.eof() if stream else response.json(said, headers=WHOLE)
        return blueprint

    async def post(self, channel, reply, id=None, pause=1):
        assert self.url, "credentials.yml has no url for what is said outside a turn"
        id, at = id or uuid.uuid4().hex, int(time.time())
        body = json.dumps({"channel": channel, "sender": reply["recipient_id"], "reply": reply, "id": id})
        mac = base64.b64encode(hmac.digest(self.key, f"{id}.{at}.{body}".encode(), "sha256")).decode()
        signed = {"webhook-id": id, "webhook-timestamp": str(at), "webhook-signature": f"v1,{mac}"}
        try:
            await EndpointConfig(self.url, headers=signed).request(data=body)
        except ClientError as e:
            if pause > 16 or getattr(e, "status", 503) < 500:  # Manyvox is away for long, or refuses
                raise
            await asyncio.sleep(pause)
            await self.post(channel, reply, id, pause * 2)
