#!/usr/bin/env bash
# Measures ours and the peers side by side and prints a table.
#   bench/run.sh compute                all rows, three rounds each
#   bench/run.sh compute --quick        small sizes, one round: shows that every row runs, its figures mean nothing
#   bench/run.sh compute --json         one line of JSON a row
#   bench/run.sh compute --only sort    some rows: noop, wordcount, wordcount-at-once, wordcount-loop, sort, group,
#                                       budget-sort, budget-group, quickstart
#   bench/run.sh compute --save         also writes bench/results/
#   bench/run.sh coordination           the same for the coordination service, with the same options. Rows: put1,
#                                       put256, get256, watch1000, lock16, failover, memory
#   bench/run.sh training               the same for training, against PyTorch. Rows: mlp2, cnn1, cnn2, gpt1, gpt2,
#                                       operators, allreduce2-4K, -4M, -100M, allreduce4-4K, -4M, -100M,
#                                       top-k, power-sgd, rankkill, checkpoints
#   bench/run.sh objects                the same for the object store, against Swift's S3 interface and what loopback
#                                       and the disk allow. Rows: put1G, get1G, put1G-r3, get1G-r3, put64K,
#                                       get64K, list100K, memory, repair
# Both sides get the same two cores; BENCH_CORES=2,3 chooses others.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if (($# == 0)) || [[ $1 == -* ]]; then
    echo "usage: bench/run.sh compute|coordination|training|objects [--quick] [--json] [--only ROW,ROW] [--save]" >&2
    exit 2
fi
if ! command -v dotnet >/dev/null; then
    echo "bench/run.sh: no dotnet on PATH. Install the .NET 10 SDK (https://dotnet.microsoft.com/download)." >&2
    exit 1
fi
suite=$1
shift

# The first two cores that this shell may run on.
first_cores() {
    taskset -cp $$ | sed 's/.*: //' | tr ',' '\n' |
        while IFS=- read -r first last; do seq "$first" "${last:-$first}"; done | head -n 2 | paste -sd ,
}

pinned=()
if command -v taskset >/dev/null; then pinned=(taskset -c "${BENCH_CORES:-$(first_cores)}"); fi

stamp=artifacts/bench.stamp
program=artifacts/lepton-bench
if [[ ! -f $stamp || -n $(find src eng bench/Lepton.Bench ./*.props global.json -newer "$stamp" -print -quit) ]]; then
    echo "Building…" >&2
    mkdir -p artifacts
    touch "$stamp.new"
    eng/publish.sh bench/Lepton.Bench "$PWD/$program" "$PWD/artifacts/bench-build.log"
    mv "$stamp.new" "$stamp"
fi
if [[ $suite == coordination || $suite == objects ]]; then ./lepton --version >&2; fi
if [[ $suite == training ]]; then ./lepton native build >&2; fi
exec ${pinned[@]+"${pinned[@]}"} dotnet "$program/Lepton.Bench.dll" \
    suite --name "$suite" --repository "$PWD" "$@"
