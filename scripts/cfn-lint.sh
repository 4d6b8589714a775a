#!/usr/bin/env bash
# Checks the templates of the stack's variants with cfn-lint, AWS's own linter for CloudFormation: schemas of every resource,
# in several regions. cfn-lint is a Python program; where Python or its package cannot be had, one line says so.
#
#   scripts/cfn-lint.sh
set -euo pipefail
cd "$(dirname "$0")/.."

regions=(us-east-1 eu-central-1 ap-northeast-1)

# Counts as one test where CI adds up the reports of Vitest: numbers of those that passed and were skipped. One that fails
# leaves no report, which counts as failed.
report() {
  [ -z "${CLOUDBURST_TEST_REPORT:-}" ] ||
    printf '{"numPassedTests":%d,"numFailedTests":0,"numPendingTests":%d,"numTodoTests":0,"testResults":[]}\n' "$1" "$2" \
      >"$CLOUDBURST_TEST_REPORT"
}

skip() {
  echo "cfn-lint: skipped, $1"
  report 0 1
  exit 0
}

out="$(mktemp -d)"
trap 'rm -rf "$out"' EXIT

venv="$(scripts/python-venv.sh test/infra/requirements.txt 2>"$out/reason")" || skip "$(tail -n 1 "$out/reason")"

image=111122223333.dkr.ecr.us-east-1.amazonaws.com/team/worker:2
network=(-c vpcId=vpc-0123456789abcdef0 -c subnetIds=subnet-0123456789abcdef0,subnet-0fedcba9876543210)
budget=(-c budgetUsd=10 -c budgetEmail=team@example.com)

# name of the variant, then its context
synth() {
  npx cdk synth --quiet --no-notices --output "$out/$1" "${@:2}" >"$out/$1.log" 2>&1 || { cat "$out/$1.log"; exit 1; }
}
synth default
synth every-option -c "image=$image" "${network[@]}" "${budget[@]}" -c architecture=X86_64 -c bootstrap=false \
  -c sharedCapacityProvider=FARGATE_SPOT -c publicIp=false \
  -c secrets=arn:aws:ssm:eu-central-1:123456789012:parameter/token \
  -c kmsKeyArn=arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
synth temporary-clusters-only -c shared=false

"$venv/bin/python" "$venv/bin/cfn-lint" --non-zero-exit-code warning --regions "${regions[@]}" -- "$out"/*/*.template.json
echo "$("$venv/bin/python" "$venv/bin/cfn-lint" --version): nothing found in 3 variants, ${#regions[@]} regions"
report 1 0
