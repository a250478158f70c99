#!/usr/bin/env bash
# Envoie un fichier NDJSON : une déclaration par ligne, une réponse par ligne.
# Sends an NDJSON file: one statement a line, one result a line.
set -euo pipefail
file=${1:?a file with one statement a line}

gzip --stdout "$file" | curl --silent --show-error --fail-with-body --retry 5 \
  --user "$BRUME_KEY:$BRUME_SECRET" \
  --request POST "$BRUME_URL/ingest/ndjson" \
  --header 'X-Experience-API-Version: 1.0.3' \
  --header 'Content-Type: application/x-ndjson' \
  --header 'Content-Encoding: gzip' \
  --data-binary @-
