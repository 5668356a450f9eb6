#!/usr/bin/env bash
# Installs the peers of the bench from Debian. Where it may not, it prints the command; their rows are then skipped.
set -euo pipefail

packages=(
    python3-distributed python3-dask python3-pandas coreutils util-linux etcd-server nghttp2-client
    python3-torch libopenblas0-openmp swift-proxy swift-account swift-container swift-object memcached
)
"$(dirname "${BASH_SOURCE[0]}")/../eng/install-debian.sh" --no-services "${packages[@]}"
echo "All peers are installed: ${packages[*]}"
