"""The matrix programs' half of the protocol in which they are led."""

import json
import sys
from types import SimpleNamespace

NOTHING = dict(
    token="", sender="", text="", message_id="", metadata_json="", after="", timeout_ms=0, keepalive_ms=0,
    cancel_after=0, count=0, page_size=0, take=0, gzip=False, retry=False,
)


class Result:
    """What was seen."""

    def __init__(self):
        self.events, self.count, self.cursor, self.error = [], 0, "", None

    def see(self, kind, text="", json=""):
        self.events.append({"kind": kind, "text": text, "json": json})


def run(act):
    """Answers each command by what a function does, which sets the error of the result."""
    for line in sys.stdin:
        result = Result()
        act(SimpleNamespace(**{**NOTHING, **json.loads(line)}), result)
        print(json.dumps(vars(result)), flush=True)
