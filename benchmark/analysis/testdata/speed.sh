#!/usr/bin/env bash
# Times `salesbench analyze` against R doing the same closed forms on one generated file,
# in turn, so that a change in the machine's speed meets both. Needs GNU time and R with
# data.table and psych (Debian: time r-base-core r-cran-data.table r-cran-psych).
#   bash benchmark/analysis/testdata/speed.sh [ROWS] [ORGANIZATIONS] [ROUNDS]
set -euo pipefail
cd "$(dirname "$0")/../../.."
rows=${1:-1000000} organizations=${2:-10000} rounds=${3:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/salesbench" ./cmd/salesbench
go run ./benchmark/analysis/testdata/likertfile -rows "$rows" -organizations "$organizations" >"$work/answers.csv"
echo "$rows respondents, 60 items, $organizations organizations, 1,000 replicates, $(nproc) cores"
printf '%-12s %10s %10s %12s\n' program seconds cpu_seconds memory_mb
run() {
	local name=$1
	shift
	command time -f '%e %U %S %M' -o "$work/time" "$@" >"$work/$name.out"
	read -r wall user sys memory <"$work/time"
	printf '%-12s %10s %10.2f %12d\n' "$name" "$wall" "$(echo "$user + $sys" | bc)" $((memory / 1024))
}
for _ in $(seq "$rounds"); do
	run salesbench "$work/salesbench" analyze "$work/answers.csv" --group team --items 'q*' --scale 1:7 --replicates 1000 --closed-forms --json
	run R Rscript benchmark/analysis/testdata/r/speed.R "$work/answers.csv" 1000
done
grep -m1 alpha_listwise "$work/salesbench.out"
cat "$work/R.out"
