#!/usr/bin/env bash
# Envoie une déclaration avec une pièce jointe. Elle est vérifiée, puis jetée.
# Sends a statement with an attachment. It is checked, then thrown away.
set -euo pipefail
file=${1:?a file to attach}
sha2=$(sha256sum "$file" | cut -d ' ' -f 1)
length=$(wc -c < "$file" | tr -d ' ')

{
  printf -- '--separateur\r\nContent-Type: application/json\r\n\r\n'
  cat <<JSON
{
  "actor": {"account": {"homePage": "https://ent.example", "name": "4f6c1e0a"}},
  "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"},
  "object": {"id": "https://outil.example/devoir/3"},
  "timestamp": "$(date -u +%Y-%m-%dT%H:%M:%SZ)",
  "attachments": [{
    "usageType": "https://outil.example/copie", "display": {"fr": "copie"},
    "contentType": "text/plain", "length": $length, "sha2": "$sha2"
  }]
}
JSON
  printf -- '\r\n--separateur\r\nContent-Type: text/plain\r\n'
  printf 'Content-Transfer-Encoding: binary\r\nX-Experience-API-Hash: %s\r\n\r\n' "$sha2"
  cat "$file"
  printf -- '\r\n--separateur--\r\n'
} | curl --silent --show-error --fail-with-body --retry 5 \
  --user "$BRUME_KEY:$BRUME_SECRET" \
  --request POST "$BRUME_URL/xapi/statements" \
  --header 'X-Experience-API-Version: 1.0.3' \
  --header 'Content-Type: multipart/mixed; boundary=separateur' \
  --data-binary @-
