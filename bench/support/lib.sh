# What the benchmarks share; read by bench/run before each of them.
#
# A benchmark takes samples, a file of numbers each, and prints rows with
# `row`.  What is compared is sampled in turns: one of ours, one of the peer's,
# five times, so that a busy minute is a busy minute for both.

# sample NAME NUMBER
sample() {
    echo "$2" >>"$samples/$1"
}

# Programs that are measured run behind $first, which is empty or, with
# --first, puts them before all else that the machine does.

# took NAME PROGRAM [ARGUMENT...]: samples NAME (seconds), NAME.cpu (seconds
# of processor) and NAME.mib (peak memory); output goes to $work/out.
took() {
    took_name=$1
    shift
    rm -f "$work/took"
    $first "$tools/measure" "$work/took" "$@" >"$work/out" 2>"$work/err" || {
        cat "$work/err" >&2
        fail "$*"
    }
    read -r took_s took_cpu took_kib <"$work/took"
    sample "$took_name" "$took_s"
    sample "$took_name.cpu" "$took_cpu"
    sample "$took_name.mib" "$(calc "$took_kib / 1024")"
}

calc() {
    awk "BEGIN { printf \"%.6g\", $1 }"
}

fail() {
    echo "bench: $name: $*" >&2
    exit 1
}

# new_lake DIR
new_lake() {
    rm -rf "$1"
    "$TARN_BIN" -q init "$1"
}

# Forget what the machine has in memory of its files; false where only root
# may, or where it was not asked for.
drop_caches() {
    [ "$drop" = yes ] && sync && echo 3 2>/dev/null >/proc/sys/vm/drop_caches
}

stat_of() {
    sort -g "$samples/$1" | awk -v what="$2" '
        { x[NR] = $1 }
        END {
            m = NR % 2 ? x[(NR + 1) / 2] : (x[NR / 2] + x[NR / 2 + 1]) / 2
            if (what == "median") printf "%.6g", m
            else if (what == "max") printf "%.6g", x[NR]
            else printf((x[1] >= 1000 ? "%.0f…%.0f" : "%.3g…%.3g"), x[1], x[NR])
        }'
}

# The median of what each turn gives: ours / peer.
ratio_of() {
    paste "$samples/$1" "$samples/$2" |
        awk '{ printf "%.6g\n", $1 / $2 }' >"$samples/$1.ratio"
    stat_of "$1.ratio" median
}

# holds VALUE '<'|'>=' BOUND
holds() {
    awk "BEGIN { print (($1 $2 $3) ? \"yes\" : \"NO\") }"
}

short() {
    awk "BEGIN { printf(($1 >= 1000 ? \"%.0f\" : \"%.3g\"), $1) }"
}

# row TEXT BOUND HOLDS OURS PEER RATIO MEMORY SPREAD CACHE
row() {
    printf '| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n' "$@" |
        tee -a "$work/table" >&2
}

# figure TEXT KEY UNIT '<'|'>=' BOUND CACHE: a row of a figure that stands for
# itself; memory is the highest seen, bound to $memory_bound MiB when that is
# set, and a second look at the time is the processor's.
figure() {
    figure_value=$(stat_of "$2" median)
    figure_holds=$(holds "$figure_value" "$4" "$5")
    figure_memory=—
    if [ -f "$samples/$2.mib" ]; then
        figure_mib=$(stat_of "$2.mib" max)
        figure_memory="$(short "$figure_mib") MiB"
        if [ -n "${memory_bound:-}" ]; then
            figure_memory="$figure_memory (< $memory_bound)"
            [ "$(holds "$figure_mib" '<' "$memory_bound")" = yes ] ||
                figure_holds=NO
        fi
    fi
    figure_cpu=
    [ ! -f "$samples/$2.cpu" ] ||
        figure_cpu=" (processor $(short "$(stat_of "$2.cpu" median)") s)"
    row "$1" "$4 $5 $3" "$figure_holds" \
        "$(short "$figure_value") $3$figure_cpu" — — "$figure_memory" \
        "$(stat_of "$2" spread)" "$6"
}

# versus TEXT KEY PEER-KEY PEER UNIT BOUND CACHE: a row of a ratio of two
# rates, ours over the peer's.
versus() {
    versus_ratio=$(ratio_of "$2" "$3")
    versus_holds=$(holds "$versus_ratio" '>=' "$6")
    versus_memory=—
    if [ -f "$samples/$2.mib" ]; then
        versus_mib=$(stat_of "$2.mib" max)
        versus_memory="$(short "$versus_mib") MiB"
        if [ -n "${memory_bound:-}" ]; then
            versus_memory="$versus_memory (< $memory_bound)"
            [ "$(holds "$versus_mib" '<' "$memory_bound")" = yes ] ||
                versus_holds=NO
        fi
    fi
    row "$1" "≥ $6×" "$versus_holds" "$(short "$(stat_of "$2" median)") $5" \
        "$4: $(short "$(stat_of "$3" median)") $5" \
        "$(short "$versus_ratio")×" "$versus_memory" \
        "$(stat_of "$2.ratio" spread)×" "$7"
}

# missing TEXT BOUND PEER: a row that cannot be shown.
missing() {
    row "$1" "$2" "not shown" — "MISSING: $3" — — — —
}
