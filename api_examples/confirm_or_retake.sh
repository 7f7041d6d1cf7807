#!/usr/bin/env bash
# The character says the name; the person says no, says it again, and then says yes.
# Usage: confirm_or_retake.sh [AUDIO [AGAIN]]
set -euo pipefail
trap 'echo "${answer:-}" >&2' ERR # what the server says is wrong
base=${BASE_URL:-http://127.0.0.1:8000}
here=$(cd "$(dirname "$0")" && pwd)
audio=${1:-$here/recordings/andrea_2.wav}
again=${2:-$audio}

field() { python3 -c 'import json, sys
value = json.load(sys.stdin)
for key in sys.argv[1:]: value = value[key]
print(value)' "$@"; }

answer=$(curl -sS --fail-with-body "$base/v1/introductions" -F "audio=@$audio" -F spelling=Andrea)
id=$(field id <<<"$answer")
echo "heard:     $(field name ipa <<<"$answer")"
echo "character: $(field next say text <<<"$answer")"

# "No." The next likely way takes its place; {"choose": 0} would take the first alternative.
answer=$(curl -sS --fail-with-body "$base/v1/introductions/$id/reject" \
  -H 'Content-Type: application/json' -d '{"heard_wrong": true}')
echo "then:      $(field name ipa <<<"$answer")"

# "No, it is Andrea." Both recordings count, and what was refused does not come back.
answer=$(curl -sS --fail-with-body "$base/v1/introductions/$id/retake" -F "audio=@$again")
echo "retaken:   $(field name ipa <<<"$answer"), from $(field takes <<<"$answer") recordings"

# "Yes!"
answer=$(curl -sS --fail-with-body -X POST "$base/v1/introductions/$id/confirm")
echo "status:    $(field status <<<"$answer")"
echo "character: $(field next say text <<<"$answer")"
