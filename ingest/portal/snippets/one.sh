#!/usr/bin/env bash
# Envoie une déclaration / Sends one statement.
set -euo pipefail
id=${1:-$(cat /proc/sys/kernel/random/uuid)} # macOS: uuidgen

curl --silent --show-error --fail-with-body --retry 5 \
  --user "$BRUME_KEY:$BRUME_SECRET" \
  --request PUT "$BRUME_URL/xapi/statements?statementId=$id" \
  --header 'X-Experience-API-Version: 1.0.3' \
  --header 'Content-Type: application/json' \
  --data-binary @- <<JSON
{
  "actor": {"account": {"homePage": "https://ent.example", "name": "4f6c1e0a"}},
  "verb": {"id": "http://adlnet.gov/expapi/verbs/answered"},
  "object": {"id": "https://outil.example/exercice/12"},
  "result": {"success": true, "score": {"scaled": 0.8}, "duration": "PT45S"},
  "timestamp": "$(date -u +%Y-%m-%dT%H:%M:%SZ)",
  "context": {"extensions": {
    "https://brume.example/xapi/extensions/uai": "0139101X",
    "https://brume.example/xapi/extensions/level": "2de",
    "https://brume.example/xapi/extensions/subject": "mathematiques"
  }}
}
JSON
echo "$id"
