# shellcheck shell=bash disable=SC2154 # scripts/stack sets what is not set here.
# Digests for the images, and a bundle of them for a room without internet. A failure leaves the previous state
# untouched.

# The variables that name images, each with the image that a build would use: from the environment, otherwise from .env.
images() {
    local name value
    while IFS='=' read -r name value; do
        printf '%s=%s\n' "$name" "${!name:-$value}"
    done < <(grep -E '^[A-Z_]+_IMAGE=' "$versions")
}

pin() {
    require_docker
    docker buildx version >/dev/null 2>&1 || fail "docker has no 'buildx' command" \
        "Install the plugin: apt-get install docker-buildx-plugin, or https://docs.docker.com/build/install-buildx/"
    local name reference digest next
    # In the same folder as the file that it replaces, so that the replacement is atomic.
    next=$(mktemp "$versions.XXXXXX") || fail "cannot write into $folder"
    scratches+=("$next" "$next.bak")
    cp -p "$versions" "$next"
    while IFS='=' read -r name reference; do
        reference=${reference%@*}
        digest=$(docker buildx imagetools inspect --format '{{json .Manifest.Digest}}' "$reference" 2>"$said") || {
            cat "$said" >&2
            fail_because "$reference: the registry has no such image, or does not answer"
        }
        digest=${digest//\"/}
        [[ $digest =~ ^sha256:[0-9a-f]{64}$ ]] || fail "$reference: expected a digest, not '$digest'"
        sed -i.bak "s|^$name=.*|$name=$reference@$digest|" "$next"
        say "$reference $digest"
    done < <(grep -E '^[A-Z_]+_IMAGE=docker\.io/' "$versions")
    mv -f "$next" "$versions"
    say "written to $versions"
}

# macOS has it under another name.
checksum() { if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }

# After an interruption between the two renames, the old bundle still has its temporary name.
recover_bundle() { [ -d "$bundle" ] || [ ! -d "$bundle.old" ] || mv "$bundle.old" "$bundle"; }

fetch() {
    say "fetching $1"
    docker pull --quiet "$1" >/dev/null 2>"$said" || {
        cat "$said" >&2
        fail_because "$1 cannot be fetched"
    }
    # Only a tag survives saving and loading.
    [ "$1" = "$2" ] || docker tag "$1" "$2"
}

# A loaded image has a tag but no digest, so the bundle says which tags to use: images.env. It is built beside the old
# bundle, and replaces it once it is complete.
make_bundle() {
    require_engine
    check_settings
    recover_bundle
    local name reference tags=() next=$bundle.new
    rm -rf "$next"
    scratches+=("$next")
    mkdir -p "$next"
    say "building"
    # Packs every choice, without requiring the overlays' settings.
    GRAFANA_ADMIN_PASSWORD=unused OVERLAYS="" hear compose --profile '*' build || fail_because "the images could not be built"
    while IFS='=' read -r name reference; do
        case $name in
            # The built image contains what it was built from.
            SWIFT_IMAGE | DEBIAN_IMAGE | COLLECTOR_IMAGE) ;;
            TAILSPAN_IMAGE | COLLECTOR_WITH_HEALTHCHECK_IMAGE) tags+=("$reference") ;;
            *)
                fetch "$reference" "${reference%@*}"
                tags+=("${reference%@*}")
                ;;
        esac
        printf '%s=%s\n' "$name" "${reference%@*}" >>"$next/images.env"
    done < <(images)
    say "packing ${#tags[@]} images"
    { docker save "${tags[@]}" | gzip -1 >"$next/images.tar.gz"; } 2>"$said" || {
        cat "$said" >&2
        fail_because "the images could not be packed"
    }
    (cd "$next" && checksum images.tar.gz images.env >SHA256SUMS)
    rm -rf "$bundle.old"
    [ ! -d "$bundle" ] || mv "$bundle" "$bundle.old"
    mv "$next" "$bundle"
    rm -rf "$bundle.old"
    say "$bundle: $(du -h "$bundle/images.tar.gz" | cut -f1). Copy the repository with this folder to the room, then there:" \
        "make bundle-load && make stack OVERLAYS=offline"
}

load_bundle() {
    require_engine
    recover_bundle
    local file
    for file in images.tar.gz images.env SHA256SUMS; do
        [ -f "$bundle/$file" ] || fail "there is no $bundle/$file" \
            "Run 'make bundle' where there is internet, and copy the folder $bundle here."
    done
    (cd "$bundle" && checksum --check SHA256SUMS >/dev/null) || fail "$bundle is damaged: copy it again"
    hear docker load --input "$bundle/images.tar.gz" || fail_because "the images could not be loaded"
    say "loaded; now: make stack OVERLAYS=offline"
}

# Offline, a missing image is reported before anything is stopped or started.
check_loaded() {
    local image missing=() lines=() line
    for image in $(compose config --images | sort -u); do
        docker image inspect "$image" >/dev/null 2>&1 || missing+=("$image")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    while IFS= read -r line; do lines+=("$line"); done < <(no_bundle)
    fail "${lines[@]}" "Missing: ${missing[*]}"
}
