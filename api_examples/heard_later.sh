#!/usr/bin/env bash
# A recording is queued, heard when there is time, and asked for by the job's id.
# Usage: heard_later.sh [AUDIO]
set -euo pipefail
trap 'echo "${job:-}" >&2' ERR # what the server says is wrong
base=${BASE_URL:-http://127.0.0.1:8000}
here=$(cd "$(dirname "$0")" && pwd)
audio=${1:-$here/recordings/siobhan.wav}
field() { python3 -c 'import json, sys; print(eval("json.load(sys.stdin)" + sys.argv[1]))' "$1"; }

job=$(curl -sS --fail-with-body "$base/v1/introductions?mode=async" \
  -H "Idempotency-Key: later-$(date +%s)-$$" \
  -F "audio=@$audio" -F spelling=Siobhan)
url=$(field '["status_url"]' <<<"$job")
echo "at once:   $(field '["status"]' <<<"$job"), ask at ${url%j_*}…"

# Each question waits up to 20 s for the end.
status=queued
while [[ $status == queued || $status == running ]]; do
  job=$(curl -sS --fail-with-body "$base$url?wait=20")
  status=$(field '["status"]' <<<"$job")
done
echo "later:     $status"
echo "heard:     $(field '["introduction"]["name"]["ipa"]' <<<"$job")"

# A webhook to this machine is refused: a caller must not make the server ask its own network.
echo "webhook:   $(curl -sS "$base/v1/introductions?mode=async" \
  -F "audio=@$audio" -F webhook=http://127.0.0.1/ | field '["status"]')"

# What waits can be withdrawn; a job that is done is forgotten, its introduction stays.
echo "forgotten: $(curl -sS -o /dev/null -w '%{http_code}' -X DELETE "$base$url")"
