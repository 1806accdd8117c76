#!/bin/sh
# Holds finished runs against a saved fit; the same as workflow.yml for any other CI.
#
#   check-runs.sh [RUNS [FIT]]      default: new-runs.csv and scalefit.json beside this script
#
# Ends with 0 when all runs are on the predicted line, 1 when one is off, 2 when the check could not be made.
# SCALEFIT is the command to run, where scalefit is not on the path: SCALEFIT="npx scalefit" check-runs.sh
set -u

here=$(dirname "$0")
runs=${1:-$here/new-runs.csv}
fit=${2:-$here/scalefit.json}

status=0
${SCALEFIT:-scalefit} check "$runs" --against "$fit" || status=$?

case $status in
  0) ;;
  1) echo "a run left the predicted line: look into it before its settings go into a larger run" >&2 ;;
  *) echo "the check could not be made (exit $status)" >&2 ;;
esac
exit $status
