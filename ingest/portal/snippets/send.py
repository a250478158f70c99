# Envoie un lot ; recommence tant que le service le demande.
# Sends a batch; tries again as long as the service asks for it.
import base64
import json
import os
import time
import urllib.error
import urllib.request
import uuid
from datetime import datetime, timezone

URL = os.environ["BRUME_URL"] + "/xapi/statements"
KEY = os.environ["BRUME_KEY"] + ":" + os.environ["BRUME_SECRET"]
HEADERS = {
    "Authorization": "Basic " + base64.b64encode(KEY.encode()).decode(),
    "Content-Type": "application/json",
    "X-Experience-API-Version": "1.0.3",
}


def send(statements):
    body = json.dumps(statements).encode()
    for _ in range(8):
        request = urllib.request.Request(URL, body, HEADERS, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code not in (429, 503):
                raise RuntimeError(error.read().decode()) from error
            time.sleep(int(error.headers.get("Retry-After", 5)))
    raise RuntimeError("Brume is still not available")


def statement(exercise, success):
    return {
        "id": str(uuid.uuid4()),
        "actor": {"account": {"homePage": "https://ent.example", "name": "4f6c1e0a"}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/answered"},
        "object": {"id": f"https://outil.example/exercice/{exercise}"},
        "result": {"success": success},
        "timestamp": datetime.now(timezone.utc).isoformat(),
        "context": {"extensions": {"https://brume.example/xapi/extensions/uai": "0139101X"}},
    }


print("\n".join(send([statement(1, True), statement(2, False)])))
