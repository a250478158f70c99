#!/usr/bin/env bash
# Envoie un fichier : un tableau JSON de déclarations, compressé.
# Sends a file: a JSON array of statements, compressed.
set -euo pipefail
file=${1:?a file with a JSON array of statements}

gzip --stdout "$file" | curl --silent --show-error --fail-with-body --retry 5 \
  --user "$BRUME_KEY:$BRUME_SECRET" \
  --request POST "$BRUME_URL/xapi/statements" \
  --header 'X-Experience-API-Version: 1.0.3' \
  --header 'Content-Type: application/json' \
  --header 'Content-Encoding: gzip' \
  --header "Idempotency-Key: $(basename "$file")" \
  --data-binary @-
