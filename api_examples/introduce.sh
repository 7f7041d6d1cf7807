#!/usr/bin/env bash
# "Hello, my name is Siobhan" becomes a stored pronunciation, ready for a TTS.
# Usage: introduce.sh [AUDIO [SPELLING]]
set -euo pipefail
trap 'echo "${answer:-}" >&2' ERR # what the server says is wrong
base=${BASE_URL:-http://127.0.0.1:8000}
here=$(cd "$(dirname "$0")" && pwd)
audio=${1:-$here/recordings/siobhan.wav}
spelling=${2-Siobhan} # leave it empty when you do not know it

# The key makes it safe to send the same request again when the network fails.
answer=$(curl -sS --fail-with-body "$base/v1/introductions" \
  -H "Idempotency-Key: example-$(date +%s)-$$" \
  -F "audio=@$audio" -F "spelling=$spelling" -F target=azure)
python3 -m json.tool --no-ensure-ascii <<<"$answer"

# From now on the character can ask how to say it.
person=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["person_id"])' <<<"$answer")
curl -sS --fail-with-body "$base/v1/people/$person/pronunciation?target=azure"
echo
