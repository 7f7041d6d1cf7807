#!/usr/bin/env bash
# A person without audio: the pronunciation is typed in, and heard from the preview voice.
# Usage: type_a_person.sh [OUT.wav]
set -euo pipefail
trap 'echo "${answer:-}" >&2' ERR # what the server says is wrong
base=${BASE_URL:-http://127.0.0.1:8000}
out=${1:-$(mktemp --suffix=.wav)}
external="alice-$(date +%s)-$$" # your own id of the person

answer=$(curl -sS --fail-with-body "$base/v1/people" -H 'Content-Type: application/json' -d '{
  "external_id": "'"$external"'",
  "display_name": "Siobhan",
  "names": [
    {"spelling": "Siobhan", "kind": "given", "language": "ga", "ipa": "ʃɪˈvɔːn"},
    {"spelling": "Shiv", "kind": "nickname", "respelling": "SHIV"}
  ]}')
id=$(python3 -c 'import json, sys; print(json.load(sys.stdin)["id"])' <<<"$answer")

curl -sS --fail-with-body "$base/v1/people/by-external-id/$external"
echo
# The nickname is what the character says, unless it asks for another kind.
curl -sS --fail-with-body "$base/v1/people/$id/pronunciation?target=espeak&kind=given"
echo
curl -sS --fail-with-body "$base/v1/speak" -H 'Content-Type: application/json' -o "$out" \
  -d '{"person_id": "'"$id"'", "text": "Good morning, {name}!"}'
echo "spoken:    $out"

# Erasing leaves nothing behind.
curl -sS --fail-with-body -o /dev/null -w 'erased:    %{http_code}\n' -X DELETE "$base/v1/people/$id"
