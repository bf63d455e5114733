"""A channel in Python: it stands between a platform of your own and Manyvox. README.md says how to run it."""
import base64, hmac, json, os, time, urllib.error, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MANYVOX = os.environ.get("MANYVOX_URL", "http://localhost:5005") + "/webhooks/myio/webhook"
PLATFORM, PLATFORM_SECRET = os.environ["PLATFORM_URL"], os.environ["PLATFORM_SECRET"].encode()
TOKEN = os.environ["MYIO_TOKEN"]  # Manyvox asks it of us
SECRET = base64.b64decode(os.environ["MYIO_SECRET"].replace("whsec_", "", 1))  # by it Manyvox signs


def platform_signature(body):
    return hmac.digest(PLATFORM_SECRET, body, "sha256").hex()


def equal(signature, wanted):
    return hmac.compare_digest((signature or "").encode(), wanted.encode())


def post(url, message, **headers):
    """Returns the status of the answer; 503 makes the sender of ours come again."""
    body = json.dumps(message).encode()
    headers = {"Content-Type": "application/json", "X-Signature": platform_signature(body), **headers}
    try:
        return urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=20).status
    except urllib.error.HTTPError as e:
        return e.code
    except OSError:
        return 503


class Channel(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(min(abs(int(self.headers["Content-Length"] or 0)), 1 << 20))
        take = {"/platform": self.from_platform, "/manyvox": self.from_manyvox}.get(self.path)
        self.send_response(take(body) if take else 404)
        self.end_headers()

    def from_platform(self, body):
        if not equal(self.headers["X-Signature"], platform_signature(body)):
            return 401
        event = json.loads(body)
        message = {"sender": event["user"], "message": event["text"], "message_id": event["id"],
                   "metadata": {"room": event.get("room")}}
        return post(MANYVOX, message, Authorization="Bearer " + TOKEN)  # 200: Manyvox has stored it

    def from_manyvox(self, body):
        name, at = self.headers.get("webhook-id", ""), self.headers.get("webhook-timestamp", "0")
        wanted = "v1," + base64.b64encode(hmac.digest(SECRET, f"{name}.{at}.".encode() + body, "sha256")).decode()
        if not equal(self.headers["webhook-signature"], wanted) or abs(time.time() - int(at)) > 300:
            return 401
        reply = json.loads(body)
        shown = reply.get("text") or reply.get("image") or json.dumps(reply.get("custom"))
        choices = [button["title"] for button in reply.get("buttons", [])]
        # The platform drops what has an id that it knows: Manyvox may send a reply twice.
        return post(PLATFORM, {"id": name, "to": reply["recipient_id"], "text": shown, "choices": choices})


server = ThreadingHTTPServer(("localhost", int(os.environ.get("PORT", "8001"))), Channel)
print(f"listening on port {server.server_port}", flush=True)
server.serve_forever()
