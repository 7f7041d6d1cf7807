#!/usr/bin/env bash
# Somebody says their name; who of the known people is it? Nothing is stored.
# Usage: who_is_it.sh [AUDIO]
set -euo pipefail
base=${BASE_URL:-http://127.0.0.1:8000}
here=$(cd "$(dirname "$0")" && pwd)
audio=${1:-$here/recordings/siobhan.wav}

ids=()
for names in '{"spelling": "Siobhan", "ipa": "ʃɪˈvɔːn"}' '{"spelling": "Yvonne", "ipa": "ɪˈvɒn"}'; do
  ids+=("$(curl -sS --fail-with-body "$base/v1/people" -H 'Content-Type: application/json' \
    -d "{\"names\": [$names]}" | python3 -c 'import json, sys; print(json.load(sys.stdin)["id"])')")
done

curl -sS --fail-with-body "$base/v1/people/identify" -F "audio=@$audio" -F limit=3 |
  python3 -c 'import json, sys
found = json.load(sys.stdin)
print("heard:   /" + found["heard"]["name"]["ipa"] + "/")
for match in found["matches"]:
    print("perhaps:", match["name"], match["probability"], "distance", match["distance"])
print("nobody:  ", found["stranger_probability"])'

for id in "${ids[@]}"; do
  curl -sS -o /dev/null -X DELETE "$base/v1/people/$id"
done
