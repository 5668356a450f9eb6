#!/usr/bin/env bash
# Installs Debian packages, those that are missing: eng/install-debian.sh PACKAGE…
# Where it may not, it says which command does, and ends with 1.
set -euo pipefail

missing=()
for package in "$@"; do
    [[ $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) == *" installed" ]] || missing+=("$package")
done
((${#missing[@]} > 0)) || exit 0

as_root=()
if ((EUID != 0)); then as_root=(sudo -n); fi
if command -v apt-get >/dev/null && { ((EUID == 0)) || sudo -n true 2>/dev/null; }; then
    echo "Installing ${missing[*]}" >&2
    install() {
        ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null
    }
    # The lists of a fresh machine are empty or old; where they are good, the network is not asked for them.
    if install 2>/dev/null; then exit 0; fi
    if ${as_root[@]+"${as_root[@]}"} apt-get update -q >/dev/null && install; then exit 0; fi
fi
echo "Not installed: ${missing[*]}. On Debian, as root: apt-get update && apt-get install ${missing[*]}" >&2
exit 1
