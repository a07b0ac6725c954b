"""A receiver of webhooks: checks the signature, then the id, answers at once, and works afterwards.

WEBHOOK_SECRET=whsec_… PORT=9000 python docs/examples/receive_webhook.py   (pip install standardwebhooks)
"""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

VERIFIER = Webhook(os.environ["WEBHOOK_SECRET"])
seen = set()  # in a database in real life: an event may come twice, under the same id


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            VERIFIER.verify(body, dict(self.headers))
        except WebhookVerificationError:
            self.answer(401)
            return
        self.answer(204)
        if self.headers["webhook-id"] not in seen:
            seen.add(self.headers["webhook-id"])
            event = json.loads(body)
            print(event["type"], event["data"].get("seq"), flush=True)

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "9000"))), Handler).serve_forever()
