"""A connector as somebody may have written it for Rasa."""
from rasa.core.channels.rest import RestInput


class MyIO(RestInput):
    @classmethod
    def name(cls):
        return "myio"

    @classmethod
    def from_credentials(cls, credentials):
        return cls(credentials["api_key"])

    def __init__(self, api_key):
        self.api_key = api_key

    async def _extract_sender(self, req):
        return req.json["user"] if req.headers.get("x-api-key") == self.api_key else None
