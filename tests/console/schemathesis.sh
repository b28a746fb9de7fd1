#!/usr/bin/env bash
# Lets schemathesis ask every operation of the API what nobody would: no 5xx, and no answer that the description does not have.
# Usage: tests/console/schemathesis.sh [DEMO_JSON [EXAMPLES]]; DEMO_JSON is a file with the line of `aftercall demo --serve --json`.
# Without it a small demo of target/debug/aftercall (or $AFTERCALL) is started, and ended.
set -euo pipefail
cd "$(dirname "$0")/../.."

# For each question as many variants; and no role takes longer than so many seconds: on a slow machine less is asked.
examples=${2:-3}
longest=${SCHEMATHESIS_SECONDS:-40}
# A demo of six calls is over by then.
patience=240

venv=${TMPDIR:-/tmp}/aftercall-schemathesis
[ -x "$venv/bin/schemathesis" ] || { python3 -m venv "$venv" && "$venv/bin/pip" -q install 'schemathesis==4.32.5'; }

demo=
folder=
# shellcheck disable=SC2317 # The trap calls it.
cleanup() {
    # The demo is ended by its own number.
    if [ -n "$demo" ]; then
        kill -INT "$demo" 2>/dev/null || true
        wait "$demo" 2>/dev/null || true
    fi
    [ -z "$folder" ] || rm -rf "$folder"
}
trap cleanup EXIT

if [ $# -gt 0 ]; then
    line=$(cat "$1")
else
    folder=$(mktemp -d)
    "${AFTERCALL:-target/debug/aftercall}" demo --serve --json --port 0 --patients 6 --lines 6 --dir "$folder/data" \
        --prompts prompts >"$folder/line" 2>"$folder/said" &
    demo=$!
    for ((waited = 0; waited < patience; waited++)); do
        [ -s "$folder/line" ] && break
        kill -0 "$demo" 2>/dev/null || { cat "$folder/said" >&2; exit 1; }
        sleep 1
    done
    line=$(cat "$folder/line")
    [ -n "$line" ] || { printf 'schemathesis: the demo did not end its calls in time\n' >&2; exit 1; }
fi
field() { python3 -c 'import json,sys; print(json.loads(sys.argv[1])[sys.argv[2]])' "$line" "$1"; }
url=$(field url)

status=0
for role in administrator supervisor agent qa department_head auditor; do
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
    # Left out: what would end this very session, and the streams of events, which never end.
    ended=0
    timeout --signal INT --kill-after 10 "$longest" \
        "$venv/bin/schemathesis" run "$url/api/openapi.json" --url "$url" \
        --header "Cookie: $cookie" --header "x-csrf-token: $csrf" \
        --exclude-path-regex '^/api/(session|sessions|[a-z_]+/events|people/\{id\}/(lock|password)|people/\{id\})' \
        --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
        --phases fuzzing --max-examples "$examples" --seed "${SCHEMATHESIS_SEED:-1}" --workers 2 --request-timeout 20 || ended=$?
    case "$ended" in
        0) ;;
        124) printf 'schemathesis: %s s were over; nothing wrong so far\n' "$longest" ;;
        *) status=1 ;;
    esac
done
exit $status
