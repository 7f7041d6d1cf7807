#!/usr/bin/env bash
# What goes wrong, and how the answers say so: application/problem+json, RFC 9457.
set -euo pipefail
base=${BASE_URL:-http://127.0.0.1:8000}
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
json=(-H 'Content-Type: application/json')

show() { # a title, then curl's arguments
  local title=$1
  shift
  curl -sS "$@" | python3 -c 'import json, sys
p = json.load(sys.stdin)
print(sys.argv[1] + ":", p["status"], p["type"])
print("   ", p["detail"])
extra = {k: p[k] for k in ("position", "symbol", "transcript") if k in p}
if extra: print("   ", extra)' "$title"
}

python3 - "$folder" <<'EOPY'
import sys, wave
with wave.open(sys.argv[1] + "/silence.wav", "wb") as out:
    out.setparams((1, 2, 16000, 0, "NONE", ""))
    out.writeframes(bytes(2 * 16000))
with wave.open(sys.argv[1] + "/long.wav", "wb") as out:
    out.setparams((1, 2, 16000, 0, "NONE", ""))
    out.writeframes(bytes(2 * 16000 * 60))
EOPY
echo "This is no audio." >"$folder/text.wav"

show "silence" "$base/v1/introductions" -F "audio=@$folder/silence.wav"
show "a text file" "$base/v1/introductions" -F "audio=@$folder/text.wav"
show "a minute" "$base/v1/introductions" -F "audio=@$folder/long.wav"
show "no such person" "$base/v1/people/p_nobody"
show "not a pronunciation" "$base/v1/people" "${json[@]}" \
  -d '{"names": [{"spelling": "Anna", "ipa": "ˈæ7nə"}]}'
show "no such target" "$base/v1/render" "${json[@]}" -d '{"text": "Hi", "target": "hal9000"}'
show "unknown in a sentence" "$base/v1/render" "${json[@]}" \
  -d '{"text": "Hi {external:nobody-of-this-id}", "target": "ssml"}'
