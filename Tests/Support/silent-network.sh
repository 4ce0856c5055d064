#!/usr/bin/env bash
# Tests peers that go silent and come back: their packets are dropped in a network namespace of the test's own.
#
#   unshare -n -m --propagation private bash silent-network.sh PATH-TO-tailspan service|exporter|names
#
# Prints lines with a name and a count. Needs root and iptables.
set -u
tailspan=$1
scenario=$2
folder=$(mktemp -d)
children=()
finish() {
    ((${#children[@]} == 0)) || kill -9 "${children[@]}" 2>/dev/null
    wait 2>/dev/null
    rm -rf "$folder"
}
trap finish EXIT
ip link set lo up
ip address add 10.77.0.1/32 dev lo

# start ROLE [VARIABLE=VALUE …]
start() {
    local role=$1
    shift
    (cd "$folder" && exec env HOST=0.0.0.0 LOG_STDOUT=false "$@" "$tailspan" "$role" >"$role.log" 2>&1) &
    children+=($!)
}
# status SECONDS URL [OPTION …]: the status of the answer, 000 if there is none in time
status() { curl -s -o /dev/null -m "$1" -w '%{http_code}' "${@:3}" "$2"; }
# until_status STATUS URL [OPTION …]: polls until the answer has that status
until_status() {
    local i
    for i in {1..300}; do
        [ "$(status 3 "${@:2}")" = "$1" ] && return 0
        sleep 0.1
    done
    echo "never $1 $2 in $i tries" >&2
    exit 1
}
task=(-X POST -H 'content-type: application/json'
    -d '{"guild_id":"g-1","amount":1,"workload":{"kind":"sha256","size":1000}}')
gateway=http://127.0.0.1:8080/v1/tasks
# count TIMES SECONDS STATUS URL [OPTION …]: how many answers had that status
count() {
    local hits=0 i
    for ((i = 0; i < $1; i++)); do [ "$(status "$2" "${@:4}")" = "$3" ] && hits=$((hits + 1)); done
    echo "$hits"
}

service() {
    start payments
    start executor
    start tasks
    start gateway TASKS_URL=http://10.77.0.1:8081
    until_status 201 "$gateway" "${task[@]}"
    echo "before $(count 20 5 201 "$gateway" "${task[@]}")"
    local round i
    for round in 1 2 3; do
        iptables -A INPUT -p tcp --dport 8081 -j DROP
        # At the same time, so that kept connections are used as well as new ones.
        local asking=()
        for i in {1..12}; do
            status 30 "$gateway" "${task[@]}" >"$folder/during.$round.$i" &
            asking+=($!)
        done
        wait "${asking[@]}"
        iptables -F
        until_status 201 "$gateway" "${task[@]}"
        # The bug that this guards against took two seconds each.
        echo "after $(count 20 1.9 201 "$gateway" "${task[@]}")"
    done
}

# metric NAME [LABELS]: the sum of a metric of payments
metric() {
    curl -s -m 5 http://127.0.0.1:8083/metrics |
        awk -v name="$1" -v labels="${2:-}" 'index($0, name) == 1 && (labels == "" || index($0, labels)) { sum += $NF }
            END { print sum + 0 }'
}
# until_exported: waits until every span that was started has been accepted
until_exported() {
    local i
    for i in {1..400}; do
        [ "$(metric otel_sdk_span_started_total)" = "$(metric otel_sdk_exporter_span_exported_total)" ] && return 0
        sleep 0.1
    done
    echo "in $i tries never exported: $(metric otel_sdk_exporter_span_exported_total)" >&2
    exit 1
}

exporter() {
    start pocket
    start payments OTEL_EXPORTER_OTLP_ENDPOINT=http://10.77.0.1:4318 OTEL_BSP_SCHEDULE_DELAY=50
    until_status 200 http://127.0.0.1:3200/ready
    until_status 200 http://127.0.0.1:8083/v1/integrity
    echo "before $(count 10 5 200 http://127.0.0.1:8083/v1/integrity)"
    until_exported
    local round seen i
    for round in 1 2; do
        iptables -A INPUT -p tcp --dport 4318 -j DROP
        echo "away $(count 20 5 200 http://127.0.0.1:8083/v1/integrity)"
        # Long enough for the exporter to give up its first attempts.
        seen=$(metric otel_sdk_exporter_operation_duration_seconds_count 'error_type')
        for i in {1..300}; do
            [ "$(metric otel_sdk_exporter_operation_duration_seconds_count 'error_type')" != "$seen" ] && break
            sleep 0.1
        done
        [ "$i" != 300 ] || echo "no export has failed in round $round" >&2
        iptables -F
        until_exported
        echo "back $(count 10 5 200 http://127.0.0.1:8083/v1/integrity)"
    done
    until_exported
    echo "failed $(metric otel_sdk_exporter_span_exported_total 'error_type')"
    echo "dropped $(metric otel_sdk_processor_span_processed_total 'error_type')"
}

names() {
    echo nameserver 10.77.0.9 >"$folder/resolv"
    mount --bind "$folder/resolv" /etc/resolv.conf
    ip address add 10.77.0.9/32 dev lo
    iptables -A INPUT -p udp --dport 53 -j DROP
    start gateway TASKS_URL=http://tasks.example:8081 PAYMENTS_URL=http://payments.example:8083
    until_status 200 http://127.0.0.1:8080/healthz
    status 30 http://127.0.0.1:8080/readyz >"$folder/ready" &
    local waiting=($!)
    status 30 "$gateway" "${task[@]}" >"$folder/task" &
    waiting+=($!)
    # Throughout: the bug that this guards against began after a second and took eight.
    local late=0
    while kill -0 "${waiting[0]}" 2>/dev/null || kill -0 "${waiting[1]}" 2>/dev/null; do
        [ "$(status 3 http://127.0.0.1:8080/healthz)" = 200 ] || late=$((late + 1))
        sleep 0.05
    done
    wait "${waiting[@]}"
    echo "late $late"
    echo "ready $(<"$folder/ready")"
    echo "task $(<"$folder/task")"
    kill -TERM "${children[0]}"
    wait "${children[0]}"
    echo "exit $?"
    children=()
    umount /etc/resolv.conf
}

"$scenario"
