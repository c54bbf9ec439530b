#!/bin/sh
# templates.sh TEMPLATE...: judges each template. The worst exit code counts.
set -u
worst=0
for template in "$@"; do
    code=0
    portcullis gate "$template" --source-root . || code=$?
    [ "$code" -le "$worst" ] || worst=$code
done
exit "$worst"
