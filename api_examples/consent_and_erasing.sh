#!/usr/bin/env bash
# A recording is kept with consent, given back to the person, withdrawn, and all of it erased.
# Usage: consent_and_erasing.sh [AUDIO]
set -euo pipefail
trap 'echo "${answer:-}" >&2' ERR # what the server says is wrong
base=${BASE_URL:-http://127.0.0.1:8000}
here=$(cd "$(dirname "$0")" && pwd)
audio=${1:-$here/recordings/andrea_2.wav}

field() { python3 -c 'import json, sys
value = json.load(sys.stdin)
for key in sys.argv[1:]: value = value[int(key) if isinstance(value, list) else key]
print(value)' "$@"; }
status() { curl -sS -o /dev/null -w '%{http_code}' "$@"; }

# Who agreed, when, and for what. The purpose `audio` is what lets the recording be kept.
consent="{\"by\": \"the person\", \"at\": \"$(date -u +%FT%TZ)\", \"for\": [\"pronunciation\", \"audio\"]}"
answer=$(curl -sS --fail-with-body "$base/v1/introductions" -F "audio=@$audio" -F spelling=Andrea \
  -F keep_audio=clip -F "consent=$consent")
id=$(field id <<<"$answer")
person=$(field person_id <<<"$answer")
echo "kept:      $(field audio_kept <<<"$answer"), agreed by $(field consent by <<<"$answer")"

# Everything that is stored about the person, the recording included: for them, or for their move.
answer=$(curl -sS --fail-with-body "$base/v1/people/$person/export")
echo "exported:  $(field introductions 0 clip media_type <<<"$answer")"

# "Please delete my voice." The name stays, the recording goes, and so does the consent to it.
echo "withdrawn: $(status -X DELETE "$base/v1/introductions/$id/audio")"
echo "recording: $(status "$base/v1/introductions/$id/audio")"
answer=$(curl -sS --fail-with-body "$base/v1/people/$person/consents")
echo "ended:     $(field items 0 withdrawn_at <<<"$answer")"

# Agreed to otherwise than with a recording, and taken back: that it was given stays, as proof.
answer=$(curl -sS --fail-with-body "$base/v1/people/$person/consents" -H 'Content-Type: application/json' \
  -d "{\"by\": \"a parent\", \"at\": \"$(date -u +%FT%TZ)\", \"for\": [\"film\"]}")
answer=$(curl -sS --fail-with-body -X POST "$base/v1/people/$person/consents/$(field id <<<"$answer")/withdraw")
echo "no film:   withdrawn at $(field withdrawn_at <<<"$answer")"

# "Forget me."
echo "erased:    $(status -X DELETE "$base/v1/people/$person")"
echo "afterwards: $(status "$base/v1/introductions/$id")"
