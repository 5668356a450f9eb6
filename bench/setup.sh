#!/usr/bin/env bash
# Installs the peers of the bench from Debian. Where it may not, it prints the command; their rows are then skipped.
set -euo pipefail

packages=(python3-distributed python3-dask python3-pandas coreutils util-linux)
missing=()
for package in "${packages[@]}"; do
    [[ $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) == *" installed" ]] || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
    echo "All peers are installed: ${packages[*]}"
    exit 0
fi

as_root=()
if ((EUID != 0)); then as_root=(sudo -n); fi
if command -v apt-get >/dev/null && { ((EUID == 0)) || sudo -n true 2>/dev/null; }; then
    echo "Installing ${missing[*]}"
    exec ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get install -y -q "${missing[@]}"
fi
echo "Not installed, since this needs root. On Debian: sudo apt-get install ${missing[*]}"
exit 1
