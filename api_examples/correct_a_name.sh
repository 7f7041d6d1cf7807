#!/usr/bin/env bash
# A designer corrects a name, signs it off, looks at its history, and goes back.
set -euo pipefail
trap 'echo "${answer:-}" >&2' ERR # what the server says is wrong
base=${BASE_URL:-http://127.0.0.1:8000}

field() { python3 -c 'import json, sys
value = json.load(sys.stdin)
for key in sys.argv[1:]: value = value[int(key) if key.isdigit() else key]
print(value)' "$@"; }

answer=$(curl -sS --fail-with-body "$base/v1/people" -H 'Content-Type: application/json' \
  -d '{"names": [{"spelling": "Siobhan", "ipa": "ˈsaɪ.əʊbæn"}]}')
name="$base/v1/people/$(field id <<<"$answer")/names/$(field names 0 id <<<"$answer")"

# The ETag says which version you saw, so that nobody's change is overwritten unseen.
etag=$(curl -sS --fail-with-body -o /dev/null -D - "$name" | tr -d '\r' | sed -n 's/^etag: //Ip')
echo "etag:      $etag"
answer=$(curl -sS --fail-with-body -X PATCH "$name" -H "If-Match: $etag" \
  -H 'X-Namemem-User: dana' -H 'Content-Type: application/json' \
  -d '{"respelling": "shi-VAWN", "status": "approved", "why": "She told me."}')
echo "corrected: $(field pronunciation ipa <<<"$answer"), $(field status <<<"$answer")"

# The same ETag again: somebody was faster.
curl -sS -o /dev/null -w 'too late:  %{http_code}\n' -X PATCH "$name" -H "If-Match: $etag" \
  -H 'Content-Type: application/json' -d '{"ipa": "ʃəˈvɔːn"}'

curl -sS --fail-with-body "$name/history" | python3 -c 'import json, sys
for v in json.load(sys.stdin)["items"]:
    said = v["pronunciation"]["ipa"]
    print("version {version}: {said} {who}, {what} {why}".format(said=said, **v))'

answer=$(curl -sS --fail-with-body "$name/revert" -H 'Content-Type: application/json' \
  -d '{"version": 1}')
echo "reverted:  $(field pronunciation ipa <<<"$answer"), version $(field version <<<"$answer")"
