#!/usr/bin/env bash
# A pronunciation in other notations, and the whole space as a lexicon for a TTS.
# Usage: lexicon_and_notations.sh [FORMAT]
set -euo pipefail
base=${BASE_URL:-http://127.0.0.1:8000}
format=${1:-pls}

convert() { # from, to, value
  curl -sS --fail-with-body "$base/v1/convert" -H 'Content-Type: application/json' \
    -d '{"from": "'"$1"'", "to": "'"$2"'", "value": "'"$3"'"}' |
    python3 -c 'import json, sys
body = json.load(sys.stdin)
print(body["value"], json.dumps({"grade": body["grade"]}, separators=(",", ":")))'
}
convert ipa x-sampa 'ʃɪˈvɔːn'
convert ipa respelling:de 'ʃɪˈvɔːn' # for readers of German; also fr, es, en
convert respelling ipa 'shi-VAWN'
convert ipa arpabet 'xoˈse' # American English has no /x/: reported

curl -sS --fail-with-body -o /dev/null "$base/v1/people" -H 'Content-Type: application/json' \
  -d '{"names": [{"spelling": "Siobhan", "ipa": "ʃɪˈvɔːn"}]}'
# Lexicon-Parts says how many files it is split into, Link where the next one is.
curl -sS --fail-with-body -D - "$base/v1/lexicon?target=$format" | tr -d '\r' | sed -n '1,40p'
