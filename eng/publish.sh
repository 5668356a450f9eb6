#!/usr/bin/env bash
# Publishes one of our programs, its own code compiled ahead of time where the compiler for that can be had:
#   eng/publish.sh PROJECT OUTPUT LOG
# Everything it makes stays in artifacts/launch, apart from the objects of `dotnet build`, so that neither spoils the
# other. OUTPUT is swapped in whole at the end. All that the build says goes to LOG.
set -euo pipefail
root=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd -P)
project=$1
output=$2
log=$3
artifacts=$root/artifacts/launch
settings=$root/artifacts/launch.props

runtime_id() {
    local os arch
    case $(uname -s) in
        Linux) os=linux; [[ -e /etc/alpine-release ]] && os=linux-musl ;;
        Darwin) os=osx ;;
        *) dotnet --info | sed -n 's/^ *RID: *//p' | head -n 1; return ;;
    esac
    case $(uname -m) in
        x86_64 | amd64) arch=x64 ;;
        aarch64 | arm64) arch=arm64 ;;
        armv7l) arch=arm ;;
        *) arch=$(uname -m) ;;
    esac
    echo "$os-$arch"
}

# Settings of this build alone. The runtime id stands in a property of every project: given on the command line
# it would reach Lepton.Compute only by one of its two ways, and Compute would be built, and published, twice.
# The tracked lock files know no runtime id, so this build leaves them alone and writes its own.
write_settings() {
    mkdir -p "$artifacts/locks"
    cat >"$settings" <<XML
<Project>
  <PropertyGroup>
    <NuGetLockFilePath>\$(ArtifactsPath)/locks/\$(MSBuildProjectName).json</NuGetLockFilePath>
    <UseAppHost>false</UseAppHost>
    <SatelliteResourceLanguages>en</SatelliteResourceLanguages>
    <PublishDocumentationFile>false</PublishDocumentationFile>
    <PublishReferencesDocumentationFiles>false</PublishReferencesDocumentationFiles>
$1
  </PropertyGroup>
${2-}
</Project>
XML
}

build() {
    (cd "$root" && dotnet "$@" "$project" -p:Configuration=Release -nologo -nodeReuse:false -v quiet \
        "-p:ArtifactsPath=$artifacts" "-p:CustomBeforeDirectoryBuildProps=$settings") >>"$log" 2>&1
}

publish() { # $1: the folder that MSBuild names after the configuration and the runtime id
    rm -rf "$output.new"
    # The worker is a program of its own, but publishing leaves a referenced program's deps.json out.
    build publish --no-restore -o "$output.new" &&
        cp "$artifacts/bin/Lepton.Compute/$1/Lepton.Compute.deps.json" "$output.new/"
}

# Code compiled ahead of time starts faster. Its compiler is a package of its own, which may be out of reach.
# All that is published together is compiled as one: code of Lepton.Core that is generic over a type of Lepton.Compute
# could otherwise be in neither, and would be compiled at each start. So all is compiled again when one has changed.
publish_fast() {
    local id
    id=$(runtime_id)
    write_settings "    <RuntimeIdentifier>$id</RuntimeIdentifier>
    <SelfContained>false</SelfContained>
    <PublishReadyToRun>true</PublishReadyToRun>" "  <Target Name=\"CompileAsOne\" BeforeTargets=\"_CreateR2RImages\">
    <PropertyGroup>
      <PublishReadyToRunCrossgen2ExtraArgs>--inputbubble</PublishReadyToRunCrossgen2ExtraArgs>
      <PublishReadyToRunCrossgen2ExtraArgs>\$(PublishReadyToRunCrossgen2ExtraArgs);\
@(_ReadyToRunCompileList->'--inputbubbleref:&quot;%(Identity)&quot;')</PublishReadyToRunCrossgen2ExtraArgs>
    </PropertyGroup>
  </Target>"
    rm -rf "$artifacts"/obj/*/*/R2R
    build restore && publish "release_$id" && return 0
    grep -q 'error CS' "$log" && return 1
    echo "publish: no ahead-of-time compilation for $id (see above); going on without it." >>"$log"
    return 1
}

publish_plain() {
    rm -rf "$artifacts"
    write_settings ""
    build restore && publish release
}

: >"$log"
if ! publish_fast && { grep -q 'error CS' "$log" || ! publish_plain; }; then
    grep -E 'error' "$log" | sort -u >&2 || cat "$log" >&2
    echo "The build of $project failed; all of its output is in $log" >&2
    exit 1
fi
# Swapped, not overwritten: a program that still runs keeps the files it has opened.
rm -rf "$output.old"
[[ ! -e $output ]] || mv "$output" "$output.old"
mv "$output.new" "$output"
rm -rf "$output.old"
