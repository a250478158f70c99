#!/usr/bin/env bash
# Vérifie un fichier de déclarations sans rien enregistrer.
# Checks a file of statements; nothing is stored.
set -euo pipefail
file=${1:?a file with a statement, or with an array of them}

curl --silent --show-error --fail-with-body \
  --user "$BRUME_KEY:$BRUME_SECRET" \
  --request POST "$BRUME_URL/xapi/validate" \
  --header 'X-Experience-API-Version: 1.0.3' \
  --header 'Content-Type: application/json' \
  --data-binary @"$file"
