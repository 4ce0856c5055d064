# shellcheck shell=bash disable=SC2154 # scripts/stack sets what is not set here.
# The settings and their valid values. Every variable that can be mistyped is checked before anything is done: Compose
# itself would start a stack without the intended part, or stop half-way with an error of its own.

# one, two or three
words_or() {
    local text=$1
    shift
    while [ $# -gt 1 ]; do
        text="$text, $1"
        shift
    done
    printf '%s' "$text${1:+ or $1}"
}

# Whether the word $1 is among the others.
among() {
    local one=$1 word
    shift
    for word in "$@"; do [ "$one" != "$word" ] || return 0; done
    return 1
}

# $1 is the variable, the others are its valid values; empty means the default.
one_of() {
    local name=$1
    shift
    [ -z "${!name:-}" ] || among "${!name}" "$@" || refuse "$name=${!name}: expected $(words_or "$@")"
}

# Likewise, for values that the services read: they accept capitals too.
one_of_in_any_case() {
    local name=$1 lower
    lower=$(printf '%s' "${!name:-}" | tr '[:upper:]' '[:lower:]')
    shift
    [ -z "$lower" ] || among "$lower" "$@" || refuse "$name=${!name}: expected $(words_or "$@")"
}

# $1 is the variable, $2 a pattern for the whole value, $3 its description.
like() {
    local name=$1
    [ -z "${!name:-}" ] || [[ ${!name} =~ ^($2)$ ]] || refuse "$name=${!name}: expected $3"
}

# Every variable that the compose files read.
variables() {
    cat "$folder"/compose*.yaml "$versions" "$folder"/shipper/*.env |
        grep -oE '\$\{[A-Z][A-Z0-9_]*' | cut -c 3- | sort -u
}

# The existing overlays, on one line.
overlays() { (cd "$folder" && printf '%s\n' compose.*.yaml | sed 's/^compose\.//; s/\.yaml$//' | xargs); }

# Each variable for a port that will be published, and its default: GRAFANA_PORT 3000
ports() {
    local files=("$folder/compose.yaml") overlay name standard
    for overlay in ${OVERLAYS//,/ }; do files+=("$folder/compose.$overlay.yaml"); done
    while read -r name standard; do
        case $name in
            PROMETHEUS_*) is_wanted prometheus || is_wanted victoriametrics || continue ;;
            JAEGER_*) is_wanted jaeger || continue ;;
            PROMTAIL_*) is_wanted promtail || continue ;;
            ALLOY_*) is_wanted alloy || continue ;;
            COLLECTOR_*) is_wanted collector || continue ;;
        esac
        printf '%s %s\n' "$name" "$standard"
    done < <(cat "${files[@]}" | grep -oE '\$\{[A-Z_]+_PORT:-[0-9]+' | sed 's/^..//; s/:-/ /' | sort -u)
}

check_ports() {
    local name standard port seen=" " before
    while read -r name standard; do
        port=${!name:-$standard}
        [[ $port =~ ^[1-9][0-9]{0,4}$ && $port -le 65535 ]] || refuse "$name=$port: expected a port from 1 to 65535"
        before=${seen##* "$port"=}
        [ "$before" = "$seen" ] || refuse "$name and ${before%% *} are both $port: each needs a port of its own"
        seen="$seen$port=$name "
    done < <(ports)
}

check_lists() {
    local word level='(trace|debug|info|notice|warning|error|critical)'
    for word in ${PROFILES//,/ }; do
        among "$word" metrics load || refuse "PROFILES=$PROFILES: expected metrics, load or both, not $word" \
            "A shipper is chosen by SHIPPER, and who takes the spans by TRACES."
    done
    for word in ${OVERLAYS//,/ }; do
        [ -f "$folder/compose.$word.yaml" ] ||
            refuse "OVERLAYS=$OVERLAYS: there is no $folder/compose.$word.yaml" "There are: $(overlays)"
        [[ $word != docker-logs || $SHIPPER == promtail ]] ||
            refuse "OVERLAYS=docker-logs is for SHIPPER=promtail only, not for $SHIPPER"
    done
    like SHIP_DROP_LEVELS "none|$level(\|$level)*" "none, or levels separated by |, such as trace|debug"
}

# A misspelt name would be ignored.
check_names() {
    local pair
    for pair in OVERLAY:OVERLAYS PROFILE:PROFILES SHIPPERS:SHIPPER TENANTS:ROOMS ROOM:TENANT METRIC:METRICS; do
        local name=${pair%:*}
        [ -z "${!name:-}" ] || warn "nobody reads $name; if you mean ${pair#*:}, write that"
    done
}

# Valid tenant names in Loki and Tempo.
check_rooms() {
    local name="[A-Za-z0-9!_.*'()-]{1,150}" expected="1 to 150 letters, digits or any of !-_.*'(), and neither . nor .." room
    like TENANT "$name" "$expected"
    like ROOMS "$name([, ]+$name)*" "names of rooms, separated by commas: each of $expected"
    for room in "$TENANT" ${others[@]+"${others[@]}"}; do
        [[ $room != . && $room != .. ]] || refuse "TENANT=$TENANT ROOMS=${ROOMS:-}: expected $expected"
    done
    [[ -z ${ROOMS:-} || -n $TENANT ]] || refuse "ROOMS=$ROOMS: expected with TENANT, which is the name of this room"
}

check_settings() {
    local number='[0-9]+(\.[0-9]+)?' name
    one_of SHIPPER promtail alloy collector
    one_of TRACES tempo jaeger
    one_of METRICS prometheus victoriametrics
    check_rooms
    check_lists
    check_names
    one_of_in_any_case LOG_FORMAT json text
    one_of_in_any_case LOG_LEVEL trace debug info notice warning error critical
    one_of GRAFANA_LOG_LEVEL debug info warn error critical
    one_of OTEL_TRACES_SAMPLER always_on always_off traceidratio \
        parentbased_always_on parentbased_always_off parentbased_traceidratio
    like OTEL_TRACES_SAMPLER_ARG '0?\.[0-9]+|0|1(\.0+)?' "a number from 0 to 1"
    for name in FAULTS_FROM_REQUESTS FAULTS_HIDDEN S3_INSECURE SELINUX; do one_of "$name" true false; done
    # Tempo does not accept days.
    like LOKI_RETENTION '[1-9][0-9]*[hdw]' "hours, days or weeks, such as 168h or 7d"
    like TEMPO_RETENTION '[1-9][0-9]*h' "hours, such as 168h"
    like PROMETHEUS_RETENTION '[1-9][0-9]*[hdwy]' "hours, days, weeks or years, such as 7d"
    like LOAD_RATE "$number" "a number of requests a second"
    like LOAD_SEED '[0-9]+' "a whole number"
    like LOAD_DURATION "($number(ms|s|m|h))+" "a duration, such as 30s, 10m or 1h"
    like EXECUTOR_THREADS '[1-9][0-9]*' "a whole number from 1"
    check_ports
}

# Exports the settings in compose/.env.local, as Compose would read them: the environment takes precedence. Compose
# reads the file too, but only after the script has put its defaults into the environment.
#
# $1 says what to do about a value that only Compose could interpolate: refuse or warn.
read_own() {
    [ -f "$own" ] || return 0
    local line name value given known
    given=" $(compgen -e | xargs) "
    known=" $(variables | xargs) OVERLAYS ROOMS "
    local pattern="^[[:space:]]*(export[[:space:]]+)?([A-Za-z_][A-Za-z0-9_]*)[[:space:]]*=[[:space:]]*(.*)$"
    while IFS= read -r line || [ -n "$line" ]; do
        [[ ${line%$'\r'} =~ $pattern ]] || continue
        name=${BASH_REMATCH[2]}
        value=${BASH_REMATCH[3]}
        [[ $given != *" $name "* ]] || continue
        case $name in
            # Docker's own variables.
            COMPOSE_* | DOCKER_* | BUILD* | *_PROXY | *_proxy) ;;
            *) [[ $known == *" $name "* ]] || warn "$own: nobody reads $name" ;;
        esac
        if [[ $value =~ ^\'([^\']*)\' ]]; then
            value=${BASH_REMATCH[1]}
        else
            if [[ $value =~ ^\"([^\"]*)\" ]]; then value=${BASH_REMATCH[1]}; else value=${value%%[[:space:]]#*}; fi
            if [[ $value == *[\$\\]* ]]; then
                "$1" "$own: the value of $name has a \$ or a \\ in it" \
                    "Write it out; if it is meant as it stands, put it in single quotes."
                continue
            fi
        fi
        value=${value%"${value##*[![:space:]]}"}
        export "$name=$value"
    done <"$own"
    # In a bundle the names are those of the loaded images, whatever this machine would build or pull.
    if offline && [ -f "$bundle/images.env" ]; then
        while IFS='=' read -r name _; do
            [[ $given == *" $name "* ]] || unset "$name"
        done <"$bundle/images.env"
    fi
}

# The file contains passwords, whoever created it: nobody else may read it.
guard_own() {
    [ -f "$own" ] || return 0
    local mode
    mode=$(ls -ldL "$own")
    [ "${mode:4:6}" != ------ ] || return 0
    chmod 600 "$own" || fail "$own can be read by others, and you may not change that" \
        "Passwords stand in it. Who owns it: ls -l $own"
    warn "$own could be read by others; now only its owner can (mode 0600)"
}

# Grafana's password is only known to those who can read this file: it is different on every machine, and not in the
# tree.
make_password() {
    guard_own
    [ -z "${GRAFANA_ADMIN_PASSWORD:-}" ] || return 0
    local password next
    password=$(head -c 18 /dev/urandom | base64 | tr '+/' '-_')
    # The new file replaces the old one, which therefore survives a full disk. Only its owner can read it.
    next=$(mktemp "$own.XXXXXX") || fail "cannot write into $folder"
    scratches+=("$next")
    {
        if [ -s "$own" ]; then
            cat "$own"
            # The last line may not be terminated.
            [ -z "$(tail -c 1 "$own")" ] || echo
        fi
        printf 'GRAFANA_ADMIN_PASSWORD=%s\n' "$password"
    } >"$next"
    mv -f "$next" "$own"
    say "made up a password for Grafana's admin: it is in $own"
}
