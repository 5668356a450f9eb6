#!/usr/bin/env bash
# Builds everything once and runs every test project. The last line is "N passed, N failed, N skipped".
#   ./test.sh              all tests
#   ./test.sh --fast       without those marked [Trait("Category", "Slow")]
#   ./test.sh --sim N      N seeds of the simulated cluster and of the simulated object store, and nothing else;
#                          LEPTON_SIM_FIRST is the first seed
#   ./test.sh --soak N     N minutes of the coordination store under load while its processes are killed, and nothing
#                          else; the report is artifacts/soak/report.md. LEPTON_SOAK_MEMBERS and LEPTON_SOAK_SEED: how
#   ./test.sh --soak-objects N   the same of the object store, whose nodes are also stopped and their disks changed;
#                          the report is artifacts/soak/objects.md. LEPTON_SOAK_SEED: how
#   ./test.sh --large      the clients of S3 alone, each with a file of 1 GB; otherwise one of them has it
#   ./test.sh Codec        only tests with "Codec" in their full name
#   ./test.sh -class X.Y   anything else goes to xUnit's runner as it is
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

results=artifacts/test-results

fast=false
filter=()
previous=
for argument in "$@"; do
    case $argument in
        --fast) fast=true ;;
        --sim) filter+=(-method "*SimulationTests.Run_*") ;;
        --soak) filter+=(-method "*SoakTests.Run_*") ;;
        --soak-objects) filter+=(-method "*ObjectSoak.Endure_*") ;;
        --large)
            filter+=(-method "*DebianClientTests.*")
            export LEPTON_LARGE=1
            ;;
        -*) filter+=("$argument") ;;
        *)
            if [[ $previous == --sim || $previous == --soak || $previous == --soak-objects ]]; then
                if [[ ! $argument =~ ^[1-9][0-9]*$ ]]; then
                    echo "test.sh: $previous $argument: give a number, such as --sim 2000 (seeds) or --soak 60" \
                        "(minutes)." >&2
                    exit 2
                fi
                case $previous in
                    --sim) export LEPTON_SIM_SEEDS=$argument ;;
                    --soak) export LEPTON_SOAK_MINUTES=$argument ;;
                    *) export LEPTON_OBJECT_SOAK_MINUTES=$argument ;;
                esac
            elif [[ $previous == -?* && $previous != --fast && $previous != --large ]]; then filter+=("$argument"); else
                filter+=(-method "*$argument*")
            fi
            ;;
    esac
    previous=$argument
done
if [[ $previous == --sim || $previous == --soak || $previous == --soak-objects ]]; then
    echo "test.sh: $previous: give a number, such as --sim 2000 (seeds) or --soak 60 (minutes)." >&2
    exit 2
fi
selective=false
if $fast || ((${#filter[@]} > 0)); then selective=true; fi
if $fast; then
    filter+=(-trait- Category=Slow)
    if [[ -z ${LEPTON_SIM_SEEDS-} ]]; then export LEPTON_SIM_SEEDS=100 LEPTON_SIM_OBJECT_SEEDS=20; fi
fi

# Another gRPC library than ours, for the tests of the wire protocol. It stays in artifacts/; the Node.js that it runs
# on is a Debian package.
install_grpc_js() {
    local package=@grpc/grpc-js@1.14.0 folder=artifacts/test-tools
    [[ ! -d $folder/node_modules/@grpc/grpc-js ]] || return 0
    if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
        eng/install-debian.sh nodejs npm || true
    fi
    if command -v npm >/dev/null &&
        npm install --prefix "$folder" --ignore-scripts --no-audit --no-fund --silent "$package" >/dev/null; then
        return 0
    fi
    rm -rf "$folder/node_modules"
    echo "Not installed, so the tests that need it are skipped: npm install --prefix $folder --ignore-scripts $package"
}

# A real etcd, for the tests of the coordination client. Where Debian's package would start it as a service, it is kept
# from doing so: the tests start their own, on ports of their own.
install_etcd() {
    [[ ! -x /usr/bin/etcd || ! -x /usr/bin/etcdctl ]] || return 0
    eng/install-debian.sh --no-services etcd-server etcd-client || true
}

# Clients of S3, for the tests of the object store.
install_s3_clients() {
    [[ ! -x /usr/bin/aws || ! -x /usr/bin/s3cmd || ! -x /usr/bin/rclone ]] || return 0
    eng/install-debian.sh awscli s3cmd rclone || true
}

# Another server of S3's protocol, which is held against the same contract as the object store.
install_swift() {
    eng/install-debian.sh --no-services swift-proxy swift-account swift-container swift-object memcached || true
}

# libtorch with what it takes to build the native library against it, for the tests of neural networks.
install_libtorch() {
    [[ -z ${LIBTORCH:-} ]] || return 0
    eng/install-debian.sh libtorch-dev libgloo-dev libopenblas0-openmp cmake g++ || true
}

# Where it can't be built, the tests that need it are skipped, and say so.
build_native() {
    if ! dotnet artifacts/bin/Lepton.Cli/release/Lepton.Cli.dll native build; then
        echo "The native library is not built, so the tests that need it are skipped."
    fi
}

# Prints each block of the runner's output that carries the mark ($2), up to the stack trace.
blocks() {
    awk -v mark="[$2]" '
        /^    [^ ].*\[(PASS|FAIL|SKIP|NOTRUN)\]$/ { shown = index($0, mark) > 0; if (shown) print substr($0, 3); next }
        /^ ? ? ? ?[^ ]/ || /^ *Stack Trace:$/ { shown = 0 }
        shown { print substr($0, 3) }' "$1"
}

# Skipped tests as they are, but those with one reason, where there are more than five, in one line.
by_reason() {
    awk '
        / \[SKIP\]$/ { if (test != "") keep(); test = $0; reason = ""; next }
        { reason = reason (reason == "" ? "" : "\n") $0 }
        END { if (test != "") keep(); for (i = 1; i <= reasons; i++) tell(order[i]) }
        function keep() { if (!(reason in count)) order[++reasons] = reason; names[reason, ++count[reason]] = test }
        function tell(why, i) {
            if (count[why] > 5) { print "  " count[why] " tests [SKIP]\n" why; return }
            for (i = 1; i <= count[why]; i++) print names[why, i] "\n" why
        }'
}

if ! command -v dotnet >/dev/null; then
    echo "test.sh: no dotnet on PATH. Install the .NET 10 SDK (https://dotnet.microsoft.com/download)." >&2
    exit 1
fi
install_grpc_js
install_etcd
install_s3_clients
install_swift
install_libtorch
if ! dotnet build Lepton.slnx -c Release -nologo -v quiet -clp:NoSummary -nodeReuse:false; then
    echo "  The solution does not build [FAIL]"
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
fi
build_native
rm -rf "$results"
mkdir -p "$results"

passed=0 failed=0 skipped=0
notes=()
for project in tests/*/*.csproj; do
    name=$(basename "$project" .csproj)
    program=artifacts/bin/$name/release/$name.dll
    log=$results/$name.log
    echo "== $name"
    {
        code=0
        dotnet "$program" -noColor -noLogo -noAutoReporters -trx "$results/$name.trx" \
            ${filter[@]+"${filter[@]}"} 2>&1 || code=$?
        echo "$code" >"$results/$name.exit"
    } | tee "$log" | { grep -vE '^  (Discovering|Discovered|Starting|Finished): |^=== TEST EXEC' || true; }
    status=$(<"$results/$name.exit")
    totals=$(grep -E "^   $name +Total: [0-9]+" "$log" | tail -n 1 || true)
    count() { sed -nE "s/.*$1: ([0-9]+).*/\1/p" <<<"$totals" | grep . || echo 0; }
    total=$(count Total) bad=$(count Failed) errors=$(count Errors) idle=$(count Skipped) left=$(count 'Not Run')
    ran=$((total - left))
    passed=$((passed + ran - bad - idle)) failed=$((failed + bad + errors)) skipped=$((skipped + idle))
    if [[ -z $totals ]]; then
        notes+=("$name ended early (exit code $status); see $log")
        failed=$((failed + 1))
    elif ((status != 0 && bad + errors == 0)); then
        notes+=("$name passed its tests but ended with exit code $status; see $log")
        failed=$((failed + 1))
    elif ((ran == 0)) && ! $selective; then
        notes+=("$name ran no test")
        failed=$((failed + 1))
    fi
done
if ((passed + failed + skipped == 0)); then
    notes+=("No test matches: $*")
    failed=1
fi

echo
for name in "$results"/*.log; do
    blocks "$name" SKIP
done | by_reason
for name in "$results"/*.log; do
    blocks "$name" FAIL
done
for note in ${notes[@]+"${notes[@]}"}; do
    echo "  $note [FAIL]"
done
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0))
