#!/usr/bin/env bash
# Lets schemathesis ask every operation of the API what nobody would: no 5xx, and no answer that the description does not have.
# Usage: tests/console/schemathesis.sh DEMO_JSON [EXAMPLES]; DEMO_JSON is the line of `aftercall demo --serve --json`.
set -euo pipefail

line=$(cat "$1")
examples=${2:-15}
venv=${TMPDIR:-/tmp}/aftercall-schemathesis
[ -x "$venv/bin/schemathesis" ] || { python3 -m venv "$venv" && "$venv/bin/pip" -q install 'schemathesis==4.32.5'; }
url=$(python3 -c 'import json,sys; print(json.loads(sys.argv[1])["url"])' "$line")

status=0
for role in administrator supervisor qa; do
    read -r name password < <(python3 -c '
import json,sys
user = next(u for u in json.loads(sys.argv[1])["users"] if u["role"] == sys.argv[2])
print(user["name"], user["password"])' "$line" "$role")
    headers=$(mktemp)
    body=$(python3 -c 'import json,sys; print(json.dumps({"account": sys.argv[1], "password": sys.argv[2]}))' "$name" "$password")
    curl -sf -D "$headers" -o /dev/null -H 'content-type: application/json' -d "$body" "$url/api/session"
    cookie=$(sed -n 's/^[Ss]et-[Cc]ookie: \([^;]*\).*/\1/p' "$headers")
    rm -f "$headers"
    csrf=$(curl -sf -H "cookie: $cookie" "$url/api/session" | python3 -c 'import json,sys; print(json.load(sys.stdin)["csrf"])')
    printf '\n== as %s\n' "$role"
    # Left out: what would end this very session, and the stream of events, which never ends.
    "$venv/bin/schemathesis" run "$url/api/openapi.json" --url "$url" \
        --header "Cookie: $cookie" --header "x-csrf-token: $csrf" \
        --exclude-path-regex '^/api/(session|sessions|tonight/events|people/\{id\}/(lock|password)|people/\{id\})' \
        --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
        --phases fuzzing --max-examples "$examples" --seed 1 --workers 1 --request-timeout 20 || status=1
done
exit $status
