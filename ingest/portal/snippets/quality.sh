#!/usr/bin/env bash
# Donne vos chiffres : reçues, acceptées, refusées et pourquoi.
# Gives your figures: received, accepted, refused and why.
set -euo pipefail

curl --silent --show-error --fail-with-body \
  --user "$BRUME_KEY:$BRUME_SECRET" \
  "$BRUME_URL/publishers/quality.json?lang=fr"
