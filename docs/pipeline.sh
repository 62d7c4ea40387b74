#!/bin/sh
# A pipeline that takes a new model from nothing to production, with curl and sundial alone.
# People still decide: it asks, says where, and waits for them.
#
#   SUNDIAL_URL    the portal, as https://sundial.example.org
#   SUNDIAL_TOKEN  a service token with the scopes read and write
#   MODEL VERSION  what to release, as payment-delay v1
#   TEAM           the short name of the team that answers for it
#   OWNER DEPUTY   their e-mail addresses
#   SUNDIAL        the sundial command, if it is not on the PATH
#   PATIENCE       seconds to wait for each decision, 3600 when not given
set -eu

sundial=${SUNDIAL:-sundial}
api=$SUNDIAL_URL/api/v1
model=$api/models/$MODEL
version=$model/versions/$VERSION
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The token is read from a file of our own: arguments are in every list of processes.
umask 077
printf 'header = "Authorization: Bearer %s"\n' "$SUNDIAL_TOKEN" >"$work/auth"

# call METHOD URL [HEADER...] <BODY: prints the answer; a refusal is printed and ends the pipeline.
call() {
  method=$1 url=$2
  shift 2
  for h in "$@"; do set -- "$@" -H "$h"; shift; done
  code=$(curl -sS -K "$work/auth" -X "$method" -H 'Content-Type: application/json' -D "$work/head" -o "$work/body" \
    -w '%{http_code}' "$@" --data-binary @- "$url") || exit 2
  case $code in
    2??) cat "$work/body" ;;
    *) printf '%s %s: %s\n' "$method" "$url" "$code" >&2; cat "$work/body" >&2; exit 1 ;;
  esac
}

read_url() { curl -sS --fail-with-body -K "$work/auth" -D "$work/head" -o "$work/body" "$1" && cat "$work/body"; }

# change URL <BODY: a PATCH of what is there now. If-Match makes it fail rather than overwrite somebody.
change() {
  read_url "$1" >/dev/null
  tag=$(sed -n 's/^[Ee][Tt][Aa][Gg]: *//p' "$work/head" | tr -d '\r')
  call PATCH "$1" "If-Match: $tag"
}

# field NAME <JSON: the first text or number of that name.
field() { sed -n "s/.*\"$1\": *\"\{0,1\}\([^\",}]*\).*/\1/p" | head -n 1; }

say() { printf '%s\n' "$*"; }

# until_stage STAGE: waits until the version is there and may stay.
until_stage() {
  waited=0
  until "$sundial" gate check "$MODEL" "$VERSION" --to "$1" >/dev/null 2>&1; do
    waited=$((waited + 1))
    [ "$waited" -lt "${PATIENCE:-3600}" ] || { say "Nobody decided in time."; exit 1; }
    sleep 1
  done
  say "$MODEL $VERSION is in $1."
}

promote() {
  asked=$(call POST "$version/transitions" "Idempotency-Key: $MODEL-$VERSION-$1" <<EOF
{"to": "$1", "reason": "$2"}
EOF
  )
  say "Asked for $1: $(printf '%s' "$asked" | field url)"
  until_stage "$1"
}

digest() { printf '%s' "$1" | sha256sum | cut -d ' ' -f 1; }

say "1. Register the model and a version, as far as the training knows them."
call POST "$api/models" "Idempotency-Key: $MODEL" >/dev/null <<EOF
{"slug": "$MODEL", "name": "Payment delay $VERSION", "kind": "trained", "team": "$TEAM", "tier": 3, "owner": "$OWNER", "deputy": "$DEPUTY",
 "purpose": "Says which invoices will be paid late, so that somebody can call in time."}
EOF
call POST "$model/versions" "Idempotency-Key: $MODEL-$VERSION" >/dev/null <<EOF
{"version": "$VERSION", "lineage": {
  "code": {"repo": "https://git.example.org/credit/payment-delay", "commit": "4f2c9be17a03d85521c46e0fd1b7c9a2e8d3f605"},
  "parameters": {"depth": "8", "rate": "0.05"}, "metrics": {"auc": "0.83"}}}
EOF

say "2. The gate says what is missing."
if "$sundial" gate check "$MODEL" "$VERSION" --to registered; then
  say "It should have been refused."; exit 1
fi

say "3. Add it, and ask to be registered."
change "$version" >/dev/null <<EOF
{"lineage": {
  "code": {"repo": "https://git.example.org/credit/payment-delay", "commit": "4f2c9be17a03d85521c46e0fd1b7c9a2e8d3f605"},
  "datasets": [{"name": "invoices", "uri": "s3://lake.example/invoices/2026-09", "digest": "sha256:$(digest training)", "role": "training"},
               {"name": "invoices held out", "uri": "s3://lake.example/invoices/2026-10", "digest": "sha256:$(digest heldout)", "role": "test"}],
  "parameters": {"depth": "8", "rate": "0.05"}, "metrics": {"auc": "0.83"},
  "environment": {"python": "3.13.1", "image": "sha256:$(digest image)"},
  "run": {"url": "https://runs.example.org/payment-delay/118", "id": "118"}}}
EOF
promote registered "Trained on three quarters, ready to be looked at."

say "4. Post the evidence of this build."
evidence() {
  call POST "$version/evidence" "Idempotency-Key: $MODEL-$VERSION-$(digest "$1")" >/dev/null <<EOF
$1
EOF
}
evidence "{\"kind\": \"evaluation\", \"outcome\": \"passed\", \"metrics\": [{\"name\": \"auc\", \"value\": 0.83, \"operator\": \">=\", \"threshold\": 0.8}],
  \"dataset_digest\": \"sha256:$(digest heldout)\", \"url\": \"https://runs.example.org/payment-delay/118/evaluation\"}"
evidence '{"kind": "fairness", "outcome": "passed", "metrics": [{"name": "largest gap", "value": 0.01, "operator": "<=", "threshold": 0.03}], "url": "https://runs.example.org/payment-delay/118/fairness"}'
evidence '{"kind": "security_review", "outcome": "passed", "url": "https://reviews.example.org/2231"}'
promote validated "Over its threshold on invoices it has not seen."

say "5. Say what is promised and how it goes out."
change "$model" >/dev/null <<EOF
{"sla": {"availability_percent": 99.5, "latency_p95_ms": 300},
 "consumers": [{"name": "Dunning desk", "contact": "dunning@example.org", "criticality": "medium", "integration": "HTTP API", "notice_days": 30}]}
EOF
change "$version" >/dev/null <<EOF
{"rollback_target": "none: the first of its kind", "rollout_plan": "Shadow for a week, then all traffic.",
 "monitoring": {"drift": "https://watch.example.org/drift", "quality": "https://watch.example.org/quality", "cost": "https://watch.example.org/cost"}}
EOF
promote staged "The shadow run is planned."

say "6. No plan, no production: file how it will end."
evidence '{"kind": "shadow", "outcome": "passed", "metrics": [{"name": "agreement", "value": 0.99, "operator": ">=", "threshold": 0.97}], "url": "https://watch.example.org/shadow/118"}'
if "$sundial" gate check "$MODEL" "$VERSION" --to production; then
  say "It should have been refused."; exit 1
fi
call PUT "$model/retirement-plan" >/dev/null <<EOF
{"trigger": {"kind": "performance", "explanation": "Below this the clerks' own rule is as good.",
             "criterion": {"metric": "auc", "operator": "<", "threshold": 0.74, "window_days": 30, "source": "Weekly monitoring report"}},
 "dates": {"deprecation": "$(date -u -d '+365 days' +%F)", "review_by": "$(date -u -d '+180 days' +%F)"},
 "candidate": {"none": true, "decision_goes_to": "The dunning desk decides by hand, from the checklist it used before."},
 "consumers": {"list": [{"name": "Dunning desk", "contact": "dunning@example.org", "criticality": "medium", "integration": "HTTP API", "notice_days": 30}]},
 "steps": [{"order": 1, "title": "Announce the end", "owner": "Model owner", "precondition": "None", "check": "The desk has acknowledged", "reversible": true, "expected_days": 14},
           {"order": 2, "title": "Move the decisions and drain", "owner": "Cutover lead", "precondition": "The desk has acknowledged",
            "check": "No request for seven days", "reversible": true, "expected_days": 7, "mode": "big_bang"}],
 "rollback": {"window_days": 14, "decides": "The owner, after a call with the cutover lead", "point_of_no_return": "When the capacity is given back", "capacity_held_days": 21},
 "assets": [{"kind": "weights", "name": "Weights of all versions", "location": "s3://models.example/$MODEL/", "decision": "delete", "hold": "none",
             "delete_after_days": 30, "method": "Delete all object versions, then list to prove it", "performer": "Platform operations", "verifier": "Data protection office"}],
 "access": [{"what": "Serving endpoint and its account", "action": "Scale to zero, then delete", "monthly_cost": 210}],
 "archive": [{"what": "Approvals, evaluations and this plan", "years": 7, "where": "Records archive, section models"}],
 "people": {"owner": "$OWNER", "deputy": "$DEPUTY", "cutover_lead": "$DEPUTY", "data_steward": "$OWNER"}}
EOF
call POST "$model/retirement-plan/submit" </dev/null >/dev/null
say "The plan waits for a reviewer: $SUNDIAL_URL/models/$MODEL/retirement"
waited=0
until [ "$(read_url "$model/retirement-plan" | field state)" = approved ]; do
  waited=$((waited + 1))
  [ "$waited" -lt "${PATIENCE:-3600}" ] || { say "Nobody reviewed the plan in time."; exit 1; }
  sleep 1
done

say "7. Ask for production."
promote production "Seven quiet days in the shadow."
"$sundial" gate check "$MODEL" "$VERSION" --to production

say "8. The first stamps, and the question that must always be answered."
call POST "$api/stamps" "Idempotency-Key: $MODEL-$VERSION-first" <<EOF
[{"bucket": "$(date -u +%Y-%m-%dT%H:00:00Z)", "app": "dunning-desk", "stamp": "$MODEL@$VERSION", "count": 240}]
EOF
read_url "$model/production"
say "Done."
