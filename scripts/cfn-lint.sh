#!/usr/bin/env bash
# Checks the templates of the stack's variants with cfn-lint, AWS's own linter for CloudFormation: schemas of every resource,
# in several regions. cfn-lint is a Python program; where Python or its package cannot be had, one line says so.
#
#   scripts/cfn-lint.sh
set -euo pipefail
cd "$(dirname "$0")/.."

version=1.51.0
venv=.cache/cfn-lint-$version
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

command -v python3 >/dev/null || skip "there is no python3"
if ! [ -x "$venv/bin/cfn-lint" ]; then
  rm -rf "$venv"
  python3 -m venv "$venv" >/dev/null 2>&1 || skip "python3 cannot make a virtual environment (apt-get install python3-venv)"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "cfn-lint==$version" ||
    { rm -rf "$venv"; skip "cfn-lint $version could not be installed from PyPI"; }
fi

out="$(mktemp -d)"
trap 'rm -rf "$out"' EXIT

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
  -c secrets=arn:aws:ssm:eu-central-1:123456789012:parameter/token
synth temporary-clusters-only -c shared=false

"$venv/bin/cfn-lint" --non-zero-exit-code warning --regions "${regions[@]}" -- "$out"/*/*.template.json
echo "cfn-lint $version: nothing found in 3 variants, ${#regions[@]} regions"
report 1 0
