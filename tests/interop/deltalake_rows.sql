-- What DuckDB reads from a log's JSON and Parquet, one line a version; see
-- deltalake_rows.py.  Variables: log, first, last.
CREATE TABLE actions AS
SELECT regexp_extract(filename, '(\d{20})\.json$', 1)::BIGINT AS version,
    json->>'$.add.path' AS added, json->>'$.remove.path' AS removed
FROM read_ndjson_objects(getvariable('log') || '/_delta_log/*.json',
    filename = true);

-- Paths of ours need no decoding, and are never reused.
CREATE TABLE files AS
SELECT added AS path, a.version AS since,
    coalesce(min(r.version), 9223372036854775807) AS until
FROM actions a LEFT JOIN
    (SELECT removed, version FROM actions WHERE removed IS NOT NULL) r
    ON r.removed = a.added
WHERE added IS NOT NULL
GROUP BY ALL;

SET VARIABLE paths = (SELECT list(getvariable('log') || '/' || path)
    FROM files);

CREATE TABLE rows AS
SELECT substr(filename, length(getvariable('log')) + 2) AS path, version, seq,
    concat_ws('|', version, seq, coalesce(size::VARCHAR, 'NULL'),
        coalesce(epoch_us(time)::VARCHAR, 'NULL'),
        coalesce(epoch_us(min_time)::VARCHAR, 'NULL'),
        coalesce(epoch_us(max_time)::VARCHAR, 'NULL'),
        coalesce(lower(hex(space)), 'NULL'),
        coalesce(lower(hex(tenant)), 'NULL'),
        coalesce(lower(hex(op)), 'NULL'), coalesce(lower(hex(kind)), 'NULL'),
        coalesce(lower(hex(key)), 'NULL'),
        coalesce(lower(hex(object)), 'NULL'),
        coalesce(lower(hex(meta)), 'NULL'),
        coalesce(lower(hex(content)), 'NULL')) AS line
FROM read_parquet(getvariable('paths'), filename = true,
    hive_partitioning = false);

SELECT v.version, count(line),
    sha256(coalesce(string_agg(line, chr(10) ORDER BY r.version, seq), ''))
FROM range(getvariable('first')::BIGINT, getvariable('last')::BIGINT + 1)
        v(version)
    LEFT JOIN files f ON f.since <= v.version AND f.until > v.version
    LEFT JOIN rows r ON r.path = f.path
GROUP BY v.version ORDER BY v.version;
