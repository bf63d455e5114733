"""Serves Rasa's own REST channel as `rasa run` does, with an agent that says the text
back: no model, no tracker and no lock, so what is measured is the channel alone.

BenchmarkRasa starts it. It prints the port that it listens on, answers the text "cpu"
with the processor time of this process in nanoseconds, and ends when standard input is
closed, so that it never outlives its parent.
"""
import os
import resource
import signal
import socket
import sys
import threading

from rasa.core.channels.channel import UserMessage
from rasa.core.channels.rest import RestInput
from rasa.core.run import configure_app
from rasa.utils.common import update_sanic_log_level


class Echo:
    """Stands for rasa.core.agent.Agent, of which the channel calls this method alone."""

    async def handle_message(self, message: UserMessage) -> None:
        text = message.text
        if text == "cpu":
            used = resource.getrusage(resource.RUSAGE_SELF)
            text = str(int((used.ru_utime + used.ru_stime) * 1e9))
        await message.output_channel.send_response(message.sender_id, {"text": text})


def end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    app = configure_app([RestInput()], enable_api=False)
    app.ctx.agent = Echo()
    update_sanic_log_level()  # rasa run does so; Sanic would log each call
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    sock.listen(100)
    print(sock.getsockname()[1], flush=True)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nobody reads more than the port
    threading.Thread(target=end_with_parent, daemon=True).start()
    app.run(sock=sock, workers=1, motd=False)


if __name__ == "__main__":
    main()
