#!/bin/sh
# gate.sh [FOLDER [OPTION...]]: plans a folder and judges the plan. Options go to `portcullis gate`.
set -eu
folder=${1:-.}
[ $# -eq 0 ] || shift
terraform=${TERRAFORM:-terraform}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A plan holds secrets in clear.
chmod 700 "$work"
# One step after the other: in a pipe, a plan that failed would go unnoticed.
"$terraform" -chdir="$folder" plan -input=false -refresh=false -lock=false -out="$work/plan" > "$work/log" 2>&1 || {
    cat "$work/log" >&2
    exit 2
}
"$terraform" -chdir="$folder" show -json "$work/plan" > "$work/plan.json"
portcullis gate "$work/plan.json" --source-root "$folder" --source-prefix "$folder" "$@"
