# docs/MIGRATING.md: its files run, and give the results that it shows.
load helper

# Write each block that follows <!-- KIND: NAME --> to $2/NAME.
blocks() {
    awk -v kind="$1" -v to="$2" '
        match($0, "^<!-- " kind ": .* -->$") {
            name = $0
            sub("^<!-- " kind ": ", "", name)
            sub(" -->$", "", name)
            next
        }
        /^```/ { if (inside) { inside = 0; name = "" } else inside = 1; next }
        inside && name != "" { print >(to "/" name) }
    ' "$BATS_TEST_DIRNAME/../../docs/MIGRATING.md"
}

prepare() {
    mkdir -p want/output
    blocks file .
    blocks result want
}

ran() {
    [ "$(tarn flow check -q "$1" | wc -l)" = 1 ]
    [ "$(tarn flow run -q -f plain "$1" | cut -f 2)" = success ]
    diff -u "want/$2" "$2"
}

@test "frames: the flow gives what the page shows" {
    ran by-country.yaml by_country.csv
}

@test "frames: a step that stays Python" {
    ran initials.yaml initials.csv
}

@test "the OML dialect: a file runs as it is" {
    ran parity.yaml output/results.csv
}

@test "every name of an input works in the OML dialect" {
    for name in df_generate_data df input_df input_db.main '"generate-data"'; do
        sed "s/FROM df_generate_data/FROM $name/" parity.yaml >other.yaml
        ran other.yaml output/results.csv
    done
}
