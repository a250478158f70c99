#!/usr/bin/env bash
# Relit une déclaration que l'on vient d'envoyer.
# Reads back a statement that was just sent.
set -euo pipefail
id=${1:?the id of a statement}

curl --silent --show-error --fail-with-body --get \
  --user "$BRUME_KEY:$BRUME_SECRET" \
  --header 'X-Experience-API-Version: 1.0.3' \
  --data-urlencode "statementId=$id" \
  "$BRUME_URL/xapi/statements"
