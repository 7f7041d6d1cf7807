#!/usr/bin/env bash
# A sentence with two names in it, in the markup of the TTS that will say it.
# Usage: say_in_a_sentence.sh [TARGET]
set -euo pipefail
base=${BASE_URL:-http://127.0.0.1:8000}
target=${1:-polly}
unique="$(date +%s)-$$"

add() { # external id, spelling, IPA
  curl -sS --fail-with-body -o /dev/null "$base/v1/people" -H 'Content-Type: application/json' \
    -d '{"external_id": "'"$1"'", "names": [{"spelling": "'"$2"'", "ipa": "'"$3"'"}]}'
}
add "andrea-1-$unique" Andrea ˈændɹiə
add "andrea-2-$unique" Andrea ɑnˈdɹeɪə

# {external:…} is your own id, {person:…} is ours. The text around them is escaped for the target.
curl -sS --fail-with-body "$base/v1/render" -H 'Content-Type: application/json' -d '{
  "text": "Good morning {external:andrea-1-'"$unique"'} & {external:andrea-2-'"$unique"'}!",
  "target": "'"$target"'"}' | python3 -m json.tool --no-ensure-ascii

# Every target, with an example of what it takes.
curl -sS --fail-with-body "$base/v1/targets" |
  python3 -c 'import json, sys
for target in json.load(sys.stdin)["items"]:
    print(target["name"].ljust(12), target["alphabet"])'
