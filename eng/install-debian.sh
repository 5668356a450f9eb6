#!/usr/bin/env bash
# Installs Debian packages, those that are missing: eng/install-debian.sh [--no-services] PACKAGE…
# With --no-services, what a package would start is not started, now or at the next boot. A service that was there
# before is left as it is.
# Where it may not, it says which command does, and ends with 1.
set -euo pipefail

services=true
if [[ ${1:-} == --no-services ]]; then
    services=false
    shift
fi
missing=()
for package in "$@"; do
    [[ $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) == *" installed" ]] || missing+=("$package")
done
((${#missing[@]} > 0)) || exit 0

as_root=()
if ((EUID != 0)); then as_root=(sudo -n); fi

# While this file is there and says 101, Debian's packages start nothing (invoke-rc.d's policy).
policy=/usr/sbin/policy-rc.d
forbids_services=false
forbid_services() {
    if ! $services && [[ ! -e $policy ]]; then
        printf '#!/bin/sh\nexit 101\n' | ${as_root[@]+"${as_root[@]}"} tee "$policy" >/dev/null
        ${as_root[@]+"${as_root[@]}"} chmod +x "$policy"
        forbids_services=true
    fi
}
allow_services() {
    if $forbids_services; then ${as_root[@]+"${as_root[@]}"} rm -f "$policy"; fi
}
disable_services() {
    $services || ! command -v systemctl >/dev/null || for package in "${missing[@]}"; do
        for unit in $(dpkg-query -L "$package" | sed -n 's|.*/systemd/system/\(.*\.service\)$|\1|p'); do
            ${as_root[@]+"${as_root[@]}"} systemctl disable --quiet "$unit" 2>/dev/null || true
        done
    done
}

if command -v apt-get >/dev/null && { ((EUID == 0)) || sudo -n true 2>/dev/null; }; then
    echo "Installing ${missing[*]}" >&2
    install() {
        ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null
    }
    trap allow_services EXIT
    forbid_services
    # The lists of a fresh machine are empty or old; where they are good, the network is not asked for them.
    if install 2>/dev/null || { ${as_root[@]+"${as_root[@]}"} apt-get update -q >/dev/null && install; }; then
        disable_services
        exit 0
    fi
fi
echo "Not installed: ${missing[*]}. On Debian, as root: apt-get update && apt-get install ${missing[*]}" >&2
exit 1
