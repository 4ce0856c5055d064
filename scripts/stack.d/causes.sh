# shellcheck shell=bash disable=SC2154 # scripts/stack sets what is not set here.
# Explains the engine's error messages, and says what to do. The messages themselves are always shown as well.

# Prints what message $1 means, then what to do, one line each. Prints nothing for an unknown message.
cause() {
    case $1 in
        *"permission denied"*"ocker daemon socket"* | *"permission denied"*"ocker API"*)
            printf '%s\n' "you may not use the Docker engine" \
                "sudo usermod -aG docker \"\$USER\", then log in again." "Or do without Docker: make up" ;;
        *"Cannot connect to the Docker daemon"* | *"failed to connect to the docker API"*)
            printf '%s\n' "the Docker engine does not answer${DOCKER_HOST:+ at $DOCKER_HOST, where DOCKER_HOST looks for it}" \
                "Start it: sudo systemctl start docker, or open Docker Desktop." "Or do without Docker: make up" ;;
        *"no space left on device"* | *"isk quota exceeded"*)
            printf '%s\n' "the disk is full" \
                "'docker system df' says what Docker keeps; 'docker builder prune' and 'docker image prune' let it go." ;;
        *"port is already allocated"* | *"ddress already in use"* | *"orts are not available"*) taken_port "$1" ;;
        *toomanyrequests* | *"pull rate limit"*)
            printf '%s\n' "the registry gives out no more images for now: its limit is reached" "Wait, or: docker login" ;;
        *"manifest unknown"* | *"pull access denied"* | *"failed to resolve source metadata"*": not found"*)
            printf '%s\n' "the registry has no such image" \
                "The names stand in $versions and in variables that end in _IMAGE." ;;
        *"o such image"*)
            if offline; then no_bundle; else printf '%s\n' "an image is not on this machine" "make stack builds and fetches it."; fi ;;
        *"no such host"* | *"etwork is unreachable"* | *"o route to host"* | *"emporary failure"* | *"ould not resolve"* | \
            *"TLS handshake timeout"* | *"i/o timeout"* | *"Client.Timeout"* | *proxyconnect* | *"server misbehaving"* | \
            *"failed to do request"*)
            printf '%s\n' "the Docker engine gets no answer from the internet, where it fetches images that are not here yet" \
                "Behind a proxy, the engine needs that in its own settings." \
                "Without internet: 'make bundle' where there is some, then here 'make bundle-load && make stack OVERLAYS=offline'." ;;
        *buildx*"or later"* | *"buildx component is missing"*)
            printf '%s\n' "docker has no 'buildx' command, or an old one; images are built with it" \
                "apt-get install docker-buildx-plugin, or https://docs.docker.com/build/install-buildx/" ;;
        *"exit code: 137"* | *"signal: killed"* | *"annot allocate memory"*)
            printf '%s\n' "there is too little memory for building the image" \
                "The compiler needs some 4 GB. Docker Desktop's settings say how much it may take." ;;
        *"failed to solve"*) printf '%s\n' "the image could not be built" "Why stands above." ;;
        *"is unhealthy"* | *" exited ("*) unhealthy "$1" ;;
    esac
}

taken_port() {
    local port name standard variable=GRAFANA_PORT
    port=$(printf '%s\n' "$1" | grep -E 'already allocated|already in use|not available' |
        grep -oE '(127\.0\.0\.1|0\.0\.0\.0):[0-9]+' | head -n 1)
    port=${port##*:}
    while read -r name standard; do [ "${!name:-$standard}" != "$port" ] || variable=$name; done < <(ports)
    printf '%s\n' "port ${port:-of this machine} is taken by something else" \
        "Another one, for example: $variable=$((10000 + ${port:-3000} % 10000)) make stack" \
        "Who has it: 'docker ps', or 'ss -ltnp'."
}

# The service that stores metrics.
metrics_store() { if is_wanted victoriametrics; then echo victoriametrics; else echo prometheus; fi; }

# The services of the containers that the message names.
unhealthy() {
    local names
    names=$(printf '%s\n' "$1" | grep -oE 'container [A-Za-z0-9_-]+ (is unhealthy|exited)' | cut -d' ' -f2 |
        sed -E "s/^tailspan-//; s/-[0-9]+$//; s/^shipper$/$SHIPPER/; s/^metrics$/$(metrics_store)/" | sort -u | xargs)
    printf '%s\n' "not everything became healthy: $names" "docker compose -p tailspan logs $names says why."
    if [ "${SELINUX:-}" != true ] && enforces_selinux; then
        printf '%s\n' "SELinux may keep containers from the files that they are to read: SELINUX=true make stack"
    fi
}

enforces_selinux() { command -v getenforce >/dev/null && [ "$(getenforce)" = Enforcing ]; }

no_bundle() {
    printf '%s\n' "not all images are on this machine, and OVERLAYS=offline fetches none"
    if [ -f "$bundle/images.tar.gz" ]; then
        printf '%s\n' "Load them: make bundle-load"
    else
        printf '%s\n' "Run 'make bundle' where there is internet, copy the folder $bundle here, then 'make bundle-load'."
    fi
}

# Exits with the explanation of $said, or, if there is none, with the arguments as the message.
fail_because() {
    local lines=() line
    while IFS= read -r line; do lines+=("$line"); done < <(cause "$(cat "$said")")
    if [ ${#lines[@]} -gt 0 ]; then fail "${lines[@]}"; else fail "$@"; fi
}

# Runs a command, shows its output, and keeps it in $said.
hear() { "$@" 2>&1 | tee "$said"; }
