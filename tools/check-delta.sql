-- Checks a lake's log against the Delta protocol (1,2) and against what
-- docs/FORMAT.md promises beyond it.  SQL over the JSON and the Parquet, and
-- no code of Tarn's.  Variable: log, the folder that holds _delta_log.
-- Prints one line a violation: rule, place, what.

CREATE TABLE problems (rule VARCHAR, place VARCHAR, what VARCHAR);

-- What every log has. --------------------------------------------------------

CREATE TABLE log_columns AS
SELECT name, type, ord FROM (VALUES
    ('version', 'long', 1), ('seq', 'integer', 2), ('space', 'string', 3),
    ('tenant', 'string', 4), ('op', 'string', 5), ('kind', 'string', 6),
    ('key', 'string', 7), ('time', 'timestamp', 8),
    ('min_time', 'timestamp', 9), ('max_time', 'timestamp', 10),
    ('size', 'long', 11), ('object', 'string', 12),
    ('content', 'binary', 13), ('meta', 'string', 14)) t(name, type, ord);

CREATE TABLE stats_columns AS
SELECT unnest(['version', 'space', 'tenant', 'kind', 'key', 'time',
    'min_time', 'max_time', 'size']) AS name;

-- (The arrows -> and ->> bind more loosely than = does.)
CREATE MACRO txt(json, path) AS json_extract_string(json, path);
CREATE MACRO js(json, path) AS json_extract(json, path)::VARCHAR;
CREATE MACRO is_int(json, path) AS
    coalesce(json_type(json, path) IN ('BIGINT', 'UBIGINT'), false);
CREATE MACRO is_text(json, path) AS
    coalesce(json_type(json, path) = 'VARCHAR', false);
CREATE MACRO is_bool(json, path) AS
    coalesce(json_type(json, path) = 'BOOLEAN', false);
CREATE MACRO is_empty_object(json, path) AS
    coalesce(json_type(json, path) = 'OBJECT'
        AND len(json_keys(json, path)) = 0, false);
-- A map of strings.
CREATE MACRO is_text_map(json, path) AS
    coalesce(json_type(json, path) = 'OBJECT' AND len(list_filter(
        json_keys(json, path),
        lambda k: json_type(json_extract(json, path), '$."' || k || '"')
            <> 'VARCHAR')) = 0, false);

-- Names in _delta_log. -------------------------------------------------------

CREATE TABLE names AS
SELECT file, name,
    try_cast(regexp_extract(name, '^(\d{20})\.json$', 1) AS BIGINT) AS commit,
    try_cast(regexp_extract(name, '^(\d{20})\.checkpoint\.parquet$', 1)
        AS BIGINT) AS checkpoint
FROM (SELECT file, regexp_extract(file, '[^/]*$') AS name
    FROM glob(getvariable('log') || '/_delta_log/*'));

INSERT INTO problems
SELECT 'names', '_delta_log/' || name, 'neither a commit nor a checkpoint'
FROM names
WHERE commit IS NULL AND checkpoint IS NULL AND name <> '_last_checkpoint';

SET VARIABLE commits = (SELECT list(file) FROM names
    WHERE commit IS NOT NULL);
SET VARIABLE head = (SELECT max(commit) FROM names);
-- The version whose state the kept commits build on; -1: on nothing.
SET VARIABLE base = (SELECT CASE WHEN count(*) FILTER (commit = 0) > 0 THEN -1
    ELSE min(checkpoint) END FROM names);

INSERT INTO problems
SELECT 'gapless', '_delta_log', 'version ' || v || ' is missing'
FROM range(coalesce(getvariable('base'), -1) + 1,
        coalesce(getvariable('head'), 0) + 1) r(v)
WHERE v NOT IN (SELECT commit FROM names WHERE commit IS NOT NULL);

-- Lines and actions. ---------------------------------------------------------

CREATE TABLE lines AS
SELECT version, line_no, text, json_valid(text) AS valid
FROM (SELECT regexp_extract(filename, '(\d{20})\.json$', 1)::BIGINT
            AS version,
        unnest(string_split(rtrim(content, chr(10)), chr(10))) AS text,
        generate_subscripts(string_split(rtrim(content, chr(10)), chr(10)), 1)
            AS line_no
    FROM read_text(getvariable('commits')));

INSERT INTO problems
SELECT 'json', version || '.json:' || line_no, 'not a JSON object with one key'
FROM lines
WHERE NOT valid OR json_type(text) <> 'OBJECT' OR len(json_keys(text)) <> 1;

CREATE TABLE actions AS
SELECT version, line_no, version || '.json:' || line_no AS place,
    json_keys(text)[1] AS action, json_extract(text, '$.*')[1] AS body
FROM (SELECT * FROM lines WHERE valid)
WHERE json_type(text) = 'OBJECT';

INSERT INTO problems
SELECT 'actions', place, 'action ' || action || ' is not one of ours'
FROM actions
WHERE action NOT IN ('commitInfo', 'protocol', 'metaData', 'add', 'remove');

-- commitInfo, time. ----------------------------------------------------------

INSERT INTO problems
SELECT 'commitInfo', n.commit || '.json',
    count(a.version) || ' commitInfo actions (one, and it is the first line)'
FROM names n LEFT JOIN actions a
    ON a.version = n.commit AND a.action = 'commitInfo'
WHERE n.commit IS NOT NULL
GROUP BY n.commit HAVING count(a.version) <> 1 OR min(a.line_no) <> 1;

INSERT INTO problems
SELECT 'commitInfo', place, what FROM (
    SELECT place, unnest([
        CASE WHEN NOT is_int(body, '$.timestamp')
            THEN 'timestamp is not a long' END,
        CASE WHEN NOT is_text(body, '$.operation')
            THEN 'operation is not a string' END,
        CASE WHEN NOT is_text_map(body, '$.operationParameters')
            THEN 'operationParameters is not a map of strings' END,
        CASE WHEN NOT is_text_map(body, '$.operationMetrics')
            THEN 'operationMetrics is not a map of strings' END,
        CASE WHEN NOT is_text(body, '$.tarn')
            THEN 'tarn is not a string: a foreign commit'
        WHEN NOT json_valid(txt(body, '$.tarn'))
            THEN 'tarn does not hold JSON' END]) AS what
    FROM actions WHERE action = 'commitInfo')
WHERE what IS NOT NULL;

CREATE TABLE commits AS
SELECT version, txt(body, '$.timestamp')::BIGINT AS ms
FROM actions WHERE action = 'commitInfo' AND is_int(body, '$.timestamp');

INSERT INTO problems
SELECT 'time', version || '.json', 'its time is not above the one before'
FROM (SELECT version, ms, lag(ms) OVER (ORDER BY version) AS before
    FROM commits)
WHERE ms <= before;

INSERT INTO problems
SELECT 'time', c.version || '.json', 'mtime ' || epoch_ms(b.last_modified)
    || ' is not the commit''s time ' || c.ms
FROM read_blob(getvariable('commits')) b JOIN commits c
    ON c.version = regexp_extract(b.filename, '(\d{20})\.json$', 1)::BIGINT
WHERE epoch_ms(b.last_modified) // 1000 <> c.ms // 1000;

-- protocol, metaData. --------------------------------------------------------

INSERT INTO problems
SELECT 'protocol', place, body::VARCHAR FROM actions
WHERE action = 'protocol' AND (
    txt(body, '$.minReaderVersion') <> '1' OR txt(body, '$.minWriterVersion') <> '2'
    OR NOT is_int(body, '$.minReaderVersion')
    OR NOT is_int(body, '$.minWriterVersion')
    OR len(json_keys(body)) <> 2);

INSERT INTO problems
SELECT 'protocol', place, action || ' after version 0' FROM actions
WHERE action IN ('protocol', 'metaData') AND version > 0;

INSERT INTO problems
SELECT 'protocol', '0.json', 'one protocol and one metaData are wanted'
FROM (SELECT count(*) FILTER (action = 'protocol') AS p,
        count(*) FILTER (action = 'metaData') AS m
    FROM actions WHERE version = 0)
WHERE getvariable('base') = -1 AND (p <> 1 OR m <> 1);

INSERT INTO problems
SELECT 'metaData', place, what FROM (
    SELECT place, unnest([
        CASE WHEN NOT is_text(body, '$.id') THEN 'id' END,
        CASE WHEN NOT is_int(body, '$.createdTime') THEN 'createdTime' END,
        CASE WHEN coalesce(txt(body, '$.format.provider'), '') <> 'parquet'
            THEN 'format.provider' END,
        CASE WHEN NOT is_empty_object(body, '$.format.options')
            THEN 'format.options is not {}' END,
        CASE WHEN coalesce(txt(body, '$.partitionColumns'), '') <> '[]'
            THEN 'partitionColumns is not []' END,
        CASE WHEN NOT is_text_map(body, '$.configuration')
            THEN 'configuration is not a map of strings' END,
        CASE WHEN coalesce(json_extract_string(body,
                '$.configuration."delta.enableExpiredLogCleanup"'), '')
                <> 'false'
            THEN 'delta.enableExpiredLogCleanup is not false' END,
        CASE WHEN coalesce(json_extract_string(body,
                '$.configuration."delta.deletedFileRetentionDuration"'), '')
                <> 'interval 1 hour'
            THEN 'delta.deletedFileRetentionDuration is not an hour' END,
        CASE WHEN NOT is_text(body, '$.schemaString')
            OR NOT json_valid(txt(body, '$.schemaString'))
            THEN 'schemaString is not JSON' END]) AS what
    FROM actions WHERE action = 'metaData')
WHERE what IS NOT NULL;

CREATE TABLE schema_fields AS
SELECT place, txt(field, '$.name') AS name, txt(field, '$.type') AS type, ord,
    js(field, '$.nullable') = 'true' AND is_empty_object(field, '$.metadata')
        AS plain
FROM (SELECT place, unnest(json_extract(schema, '$.fields[*]')) AS field,
        generate_subscripts(json_extract(schema, '$.fields[*]'), 1) AS ord
    FROM (SELECT place, txt(body, '$.schemaString') AS schema FROM actions
        WHERE action = 'metaData' AND json_valid(txt(body, '$.schemaString'))));

INSERT INTO problems
SELECT 'metaData', coalesce(place, '0.json'),
    'schema: column ' || coalesce(c.name, f.name)
FROM (FROM schema_fields WHERE place IS NOT NULL) f
    FULL JOIN log_columns c ON f.name = c.name AND f.type = c.type
        AND f.ord = c.ord AND f.plain
WHERE getvariable('base') = -1 AND (f.name IS NULL OR c.name IS NULL);

-- add, remove. ---------------------------------------------------------------

INSERT INTO problems
SELECT 'add', place, what FROM (
    SELECT place, unnest([
        CASE WHEN NOT coalesce(regexp_full_match(txt(body, '$.path'),
                'data/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.parquet'),
                false)
            THEN 'path is not data/<uuid>.parquet' END,
        CASE WHEN NOT is_empty_object(body, '$.partitionValues')
            THEN 'partitionValues is not {}' END,
        CASE WHEN NOT is_int(body, '$.size') THEN 'size' END,
        CASE WHEN NOT is_int(body, '$.modificationTime')
            THEN 'modificationTime' END,
        CASE WHEN NOT is_bool(body, '$.dataChange') THEN 'dataChange' END,
        CASE WHEN NOT is_text(body, '$.stats')
            OR NOT json_valid(txt(body, '$.stats')) THEN 'stats' END,
        CASE WHEN len(json_keys(body)) <> 6 THEN 'members of its own: '
            || json_keys(body)::VARCHAR END]) AS what
    FROM actions WHERE action = 'add')
WHERE what IS NOT NULL;

INSERT INTO problems
SELECT 'remove', place, what FROM (
    SELECT place, unnest([
        CASE WHEN NOT is_text(body, '$.path') THEN 'path' END,
        CASE WHEN NOT is_int(body, '$.deletionTimestamp')
            THEN 'deletionTimestamp' END,
        CASE WHEN NOT is_bool(body, '$.dataChange') THEN 'dataChange' END])
        AS what
    FROM actions WHERE action = 'remove')
WHERE what IS NOT NULL;

-- Checkpoints, as far as there are any. --------------------------------------

SET VARIABLE checkpoints = (SELECT list(file) FROM names
    WHERE checkpoint IS NOT NULL);
SET VARIABLE read_checkpoints = CASE WHEN getvariable('checkpoints') IS NULL
    THEN 'SELECT NULL::BIGINT AS version, NULL::JSON AS body WHERE false'
    ELSE 'SELECT regexp_extract(c.filename, ''(\d{20})\.checkpoint'', 1)
            ::BIGINT AS version, to_json(c) AS body
        FROM read_parquet(getvariable(''checkpoints''), filename = true,
            union_by_name = true, hive_partitioning = false) c' END;
CREATE TABLE checkpoint_rows AS
SELECT version, version || '.checkpoint.parquet' AS place,
    [k for k in json_keys(body) if k <> 'filename'
        and json_type(body, '$.' || k) <> 'NULL'] AS actions, body
FROM query(getvariable('read_checkpoints'));

INSERT INTO problems
SELECT 'checkpoint', place, 'a row with ' || len(actions) || ' actions '
    || actions::VARCHAR
FROM checkpoint_rows
WHERE len(actions) <> 1 OR actions[1] NOT IN
    ('protocol', 'metaData', 'add', 'remove', 'txn');

INSERT INTO problems
SELECT 'checkpoint', any_value(place), 'one protocol (1,2), one metaData'
FROM checkpoint_rows GROUP BY version
HAVING count(*) FILTER (actions[1] = 'protocol'
        AND js(body, '$.protocol') = '{"minReaderVersion":1,"minWriterVersion":2}')
        <> 1
    OR count(*) FILTER (actions[1] = 'protocol') <> 1
    OR count(*) FILTER (actions[1] = 'metaData') <> 1;

INSERT INTO problems
SELECT 'checkpoint', c.place, 'metaData is not that of version 0'
FROM checkpoint_rows c JOIN actions a ON a.action = 'metaData'
WHERE c.actions[1] = 'metaData' AND (
    txt(c.body, '$.metaData.id') IS DISTINCT FROM txt(a.body, '$.id')
    OR txt(c.body, '$.metaData.schemaString')
        IS DISTINCT FROM txt(a.body, '$.schemaString')
    OR js(c.body, '$.metaData.configuration')
        IS DISTINCT FROM js(a.body, '$.configuration')
    OR js(c.body, '$.metaData.format') IS DISTINCT FROM js(a.body, '$.format')
    OR js(c.body, '$.metaData.partitionColumns')
        IS DISTINCT FROM js(a.body, '$.partitionColumns'));

-- _last_checkpoint points to one of them, or to nothing at all is there.
INSERT INTO problems
SELECT 'checkpoint', '_last_checkpoint', content
FROM read_text(getvariable('log') || '/_delta_log/[_]last_checkpoint')
WHERE NOT coalesce(json_valid(content), false)
    OR NOT is_int(content, '$.version') OR NOT is_int(content, '$.size')
    OR txt(content, '$.size')::BIGINT <> (SELECT count(*) FROM checkpoint_rows
        WHERE version = txt(content, '$.version')::BIGINT);

-- Files, and when they are live. ---------------------------------------------

CREATE TABLE adds AS
SELECT version, place, txt(body, '$.path') AS path,
    txt(body, '$.size')::BIGINT AS size,
    txt(body, '$.modificationTime')::BIGINT AS modified_ms,
    js(body, '$.dataChange') = 'true' AS data_change, txt(body, '$.stats') AS stats
FROM actions WHERE action = 'add' AND version > getvariable('base')
UNION ALL
SELECT version, place, txt(body, '$.add.path'), txt(body, '$.add.size')::BIGINT,
    txt(body, '$.add.modificationTime')::BIGINT, NULL, txt(body, '$.add.stats')
FROM checkpoint_rows
WHERE actions[1] = 'add' AND version = getvariable('base');

CREATE TABLE removes AS
SELECT version, place, txt(body, '$.path') AS path,
    txt(body, '$.deletionTimestamp')::BIGINT AS ms,
    js(body, '$.dataChange') = 'true' AS data_change
FROM actions WHERE action = 'remove' AND version > getvariable('base');

INSERT INTO problems
SELECT 'add', max(place), path || ' is added twice: names are never reused'
FROM adds GROUP BY path HAVING count(*) > 1;

INSERT INTO problems
SELECT 'remove', r.place, r.path || ' is not live'
FROM removes r LEFT JOIN adds a ON a.path = r.path AND a.version < r.version
WHERE a.path IS NULL;

INSERT INTO problems
SELECT 'remove', max(place), path || ' is removed twice'
FROM removes GROUP BY path HAVING count(*) > 1;

CREATE TABLE files AS
SELECT a.*, coalesce(r.version, 9223372036854775807) AS until
FROM adds a LEFT JOIN
    (SELECT path, min(version) AS version FROM removes GROUP BY path) r
    ON r.path = a.path;

CREATE TABLE on_disk AS
SELECT 'data/' || regexp_extract(filename, '[^/]*$') AS path, size
FROM read_blob(getvariable('log') || '/data/*');

INSERT INTO problems
SELECT 'files', f.place, f.path || CASE WHEN d.path IS NULL
    THEN ' is gone' ELSE ' has ' || d.size || ' bytes, not ' || f.size END
FROM files f LEFT JOIN on_disk d ON d.path = f.path
WHERE (d.path IS NULL AND f.until > getvariable('head'))
    OR d.size <> f.size;

-- Checkpoints say what the commits say. --------------------------------------

CREATE TABLE checkpoint_adds AS
SELECT version, txt(body, '$.add.path') AS path,
    txt(body, '$.add.size')::BIGINT AS size,
    txt(body, '$.add.modificationTime')::BIGINT AS modified_ms,
    txt(body, '$.add.stats') AS stats
FROM checkpoint_rows WHERE actions[1] = 'add';

INSERT INTO problems
SELECT 'checkpoint', place, txt(body, '$.add.path')
    || ': partitionValues is not {}, or dataChange is not false'
FROM checkpoint_rows WHERE actions[1] = 'add' AND NOT coalesce(
    is_empty_object(body, '$.add.partitionValues')
    AND js(body, '$.add.dataChange') = 'false', false);

CREATE TABLE expected_adds AS
SELECT DISTINCT c.version, f.path, f.size, f.modified_ms, f.stats
FROM (SELECT DISTINCT version FROM checkpoint_rows) c
    JOIN files f ON f.version <= c.version AND f.until > c.version;

INSERT INTO problems
SELECT 'checkpoint', version || '.checkpoint.parquet',
    path || ' is missing, or told otherwise'
FROM (FROM expected_adds EXCEPT FROM checkpoint_adds);
INSERT INTO problems
SELECT 'checkpoint', version || '.checkpoint.parquet',
    path || ' is not live, or told otherwise'
FROM (FROM checkpoint_adds EXCEPT FROM expected_adds);

CREATE TABLE checkpoint_removes AS
SELECT version, txt(body, '$.remove.path') AS path,
    txt(body, '$.remove.deletionTimestamp')::BIGINT AS ms
FROM checkpoint_rows WHERE actions[1] = 'remove';

INSERT INTO problems
SELECT 'checkpoint', c.version || '.checkpoint.parquet',
    r.path || ': its tombstone is younger than an hour and not kept'
FROM (SELECT DISTINCT version FROM checkpoint_rows) c
    JOIN commits t ON t.version = c.version
    JOIN removes r ON r.version <= c.version AND r.ms >= t.ms - 3600000
    LEFT JOIN checkpoint_removes k
        ON k.version = c.version AND k.path = r.path AND k.ms = r.ms
WHERE k.path IS NULL;

INSERT INTO problems
SELECT 'checkpoint', k.version || '.checkpoint.parquet',
    k.path || ': a tombstone of no removal'
FROM checkpoint_removes k
    LEFT JOIN removes r ON r.path = k.path AND r.version <= k.version
WHERE r.path IS NULL AND getvariable('base') = -1;

-- The Parquet files: columns, row groups. ------------------------------------

SET VARIABLE readable = (SELECT list(getvariable('log') || '/' || f.path)
    FROM (SELECT DISTINCT path, size FROM files) f JOIN on_disk d
        ON d.path = f.path AND d.size = f.size);
SET VARIABLE read_schema = CASE WHEN getvariable('readable') IS NULL
    THEN 'SELECT NULL AS file_name, NULL AS name, NULL AS type,
        NULL AS repetition_type, NULL AS logical_type WHERE false'
    ELSE 'SELECT file_name, name, type, repetition_type, logical_type
        FROM parquet_schema(getvariable(''readable''))' END;

INSERT INTO problems
SELECT 'parquet', path, 'column ' || coalesce(c.name, p.name) || ': ' ||
    coalesce(p.type || ' ' || coalesce(p.logical_type, ''), 'missing')
FROM (SELECT 'data/' || regexp_extract(file_name, '[^/]*$') AS path, name,
        type, repetition_type, logical_type
    FROM query(getvariable('read_schema')) WHERE type IS NOT NULL
        AND repetition_type IS NOT NULL) p
    LEFT JOIN log_columns c ON c.name = p.name
        AND p.repetition_type = 'OPTIONAL' AND CASE c.type
        WHEN 'long' THEN p.type = 'INT64' AND p.logical_type IS NULL
        WHEN 'integer' THEN p.type = 'INT32' AND p.logical_type IS NULL
        WHEN 'string' THEN p.type = 'BYTE_ARRAY'
            AND p.logical_type LIKE 'StringType%'
        WHEN 'binary' THEN p.type = 'BYTE_ARRAY' AND p.logical_type IS NULL
        ELSE p.type = 'INT64'
            AND p.logical_type LIKE '%isAdjustedToUTC=1%MicroSeconds%' END
WHERE c.name IS NULL;

SET VARIABLE read_groups = CASE WHEN getvariable('readable') IS NULL
    THEN 'SELECT NULL AS file_name, NULL AS g, NULL AS bytes WHERE false'
    ELSE 'SELECT file_name, row_group_id AS g,
            sum(total_uncompressed_size) AS bytes
        FROM parquet_metadata(getvariable(''readable''))
        GROUP BY ALL HAVING any_value(row_group_num_rows) > 1' END;

INSERT INTO problems
SELECT 'parquet', 'data/' || regexp_extract(file_name, '[^/]*$'),
    'row group ' || g || ' has ' || bytes || ' bytes'
FROM query(getvariable('read_groups')) WHERE bytes > 17 * 1024 * 1024;

-- The rows: versions, order, statistics. -------------------------------------

SET VARIABLE read_rows = CASE WHEN getvariable('readable') IS NULL
    THEN 'SELECT NULL::VARCHAR AS path, NULL::BIGINT AS version,
        NULL::INTEGER AS seq, NULL::VARCHAR AS space, NULL::VARCHAR AS tenant,
        NULL::VARCHAR AS op, NULL::VARCHAR AS kind, NULL::VARCHAR AS key,
        NULL::TIMESTAMPTZ AS time, NULL::TIMESTAMPTZ AS min_time,
        NULL::TIMESTAMPTZ AS max_time, NULL::BIGINT AS size,
        NULL::UBIGINT AS hash WHERE false'
    ELSE 'SELECT ''data/'' || regexp_extract(filename, ''[^/]*$'') AS path,
            version, seq, space, tenant, op, kind, key, time, min_time,
            max_time, size, hash(version, seq, space, tenant, op, kind, key,
                time, min_time, max_time, size, object, content, meta) AS hash
        FROM read_parquet(getvariable(''readable''), filename = true,
            hive_partitioning = false)' END;
CREATE TABLE rows AS FROM query(getvariable('read_rows'));

INSERT INTO problems
SELECT 'rows', path, 'version or seq is NULL in ' || count(*) || ' rows'
FROM rows WHERE version IS NULL OR seq IS NULL GROUP BY path;

INSERT INTO problems
SELECT 'rows', r.path, 'a row of version ' || any_value(r.version)
    || ' in a commit ' || any_value(f.version)
FROM rows r JOIN files f ON f.path = r.path
    LEFT JOIN (SELECT DISTINCT version FROM removes) x
        ON x.version = f.version
WHERE r.version > f.version
    OR (f.data_change AND x.version IS NULL AND r.version <> f.version)
GROUP BY r.path;

INSERT INTO problems
SELECT 'rows', 'version ' || r.version || ' seq ' || r.seq,
    count(*) || ' live rows'
FROM rows r JOIN files f ON f.path = r.path
WHERE f.until > getvariable('head')
GROUP BY r.version, r.seq HAVING count(*) > 1;

-- What compaction moved is what it found; what a rewrite kept was there.
CREATE TABLE bags AS
SELECT path, count(*) AS n, sum(hash::HUGEINT) AS bag FROM rows GROUP BY path;
CREATE TABLE moves AS
SELECT version, sum(n) AS n, sum(bag) AS bag, bool_and(known) AS known,
    bool_or(data_change) AS data_change
FROM (SELECT a.version, b.n, b.bag, b.path IS NOT NULL AS known, a.data_change
    FROM files a LEFT JOIN bags b ON b.path = a.path
    WHERE a.data_change IS NOT NULL
    UNION ALL
    SELECT r.version, -b.n, -b.bag, b.path IS NOT NULL, r.data_change
    FROM removes r LEFT JOIN bags b ON b.path = r.path)
GROUP BY version;

INSERT INTO problems
SELECT 'compaction', version || '.json',
    'dataChange is false and the rows are others'
FROM moves WHERE NOT data_change AND known AND (n <> 0 OR bag <> 0);

INSERT INTO problems
SELECT 'rewrite', f.version || '.json', 'a row that no removed file held'
FROM rows r JOIN files f ON f.path = r.path
    JOIN moves m ON m.version = f.version AND m.known
WHERE f.version IN (SELECT version FROM removes)
    AND NOT EXISTS (FROM removes x JOIN rows o ON o.path = x.path
        WHERE x.version = f.version AND o.hash = r.hash)
GROUP BY f.version;

-- Statistics. ----------------------------------------------------------------

INSERT INTO problems
SELECT 'stats', place, 'members ' || json_keys(stats)::VARCHAR FROM adds
WHERE json_keys(stats)
    <> ['numRecords', 'minValues', 'maxValues', 'nullCount'];

INSERT INTO problems
SELECT 'stats', place, 'column ' || name || ' has none in a log' FROM (
    SELECT place, unnest(json_keys(stats, '$.minValues')
        || json_keys(stats, '$.maxValues') || json_keys(stats, '$.nullCount'))
        AS name FROM adds)
WHERE name NOT IN (FROM stats_columns);

INSERT INTO problems
SELECT 'stats', a.place, 'numRecords ' || (txt(a.stats, '$.numRecords'))
    || ' of ' || coalesce(b.n, 0) || ' rows'
FROM adds a JOIN on_disk d ON d.path = a.path LEFT JOIN bags b
    ON b.path = a.path
WHERE txt(a.stats, '$.numRecords')::BIGINT IS DISTINCT FROM coalesce(b.n, 0);

CREATE TABLE held AS
SELECT path, 'version' AS name, count(*) - count(version) AS nulls,
    min(version) AS lo, max(version) AS hi, NULL AS lo_text, NULL AS hi_text
FROM rows GROUP BY path UNION ALL
SELECT path, 'size', count(*) - count(size), min(size), max(size), NULL, NULL
FROM rows GROUP BY path UNION ALL
SELECT path, 'time', count(*) - count(time), epoch_us(min(time)),
    epoch_us(max(time)), NULL, NULL FROM rows GROUP BY path UNION ALL
SELECT path, 'min_time', count(*) - count(min_time), epoch_us(min(min_time)),
    epoch_us(max(min_time)), NULL, NULL FROM rows GROUP BY path UNION ALL
SELECT path, 'max_time', count(*) - count(max_time), epoch_us(min(max_time)),
    epoch_us(max(max_time)), NULL, NULL FROM rows GROUP BY path UNION ALL
SELECT path, 'space', count(*) - count(space), NULL, NULL, min(space),
    max(space) FROM rows GROUP BY path UNION ALL
SELECT path, 'tenant', count(*) - count(tenant), NULL, NULL, min(tenant),
    max(tenant) FROM rows GROUP BY path UNION ALL
SELECT path, 'kind', count(*) - count(kind), NULL, NULL, min(kind), max(kind)
FROM rows GROUP BY path UNION ALL
SELECT path, 'key', count(*) - count(key), NULL, NULL, min(key), max(key)
FROM rows GROUP BY path;

CREATE TABLE told AS
SELECT a.place, h.*,
    txt(a.stats, '$.nullCount.' || h.name)::BIGINT AS told_nulls,
    txt(a.stats, '$.minValues.' || h.name) AS told_lo,
    txt(a.stats, '$.maxValues.' || h.name) AS told_hi
FROM adds a JOIN held h ON h.path = a.path;

INSERT INTO problems
SELECT 'stats', place, 'nullCount of ' || name || ' is '
    || coalesce(told_nulls::VARCHAR, 'missing') || ', not ' || nulls
FROM told WHERE told_nulls IS DISTINCT FROM nulls;

INSERT INTO problems
SELECT 'stats', place, name || ': text bounds ' || coalesce(told_lo, 'none')
    || ' and ' || coalesce(told_hi, 'none')
FROM told WHERE name IN ('space', 'tenant', 'kind', 'key') AND (
    told_lo > lo_text OR told_hi < hi_text OR length(told_lo) > 32
    OR length(told_hi) > 32 OR (lo_text IS NULL AND told_lo IS NOT NULL)
    OR (lo_text IS NOT NULL AND told_lo IS NULL));

INSERT INTO problems
SELECT 'stats', place, name || ': bounds ' || coalesce(told_lo, 'none')
    || ' and ' || coalesce(told_hi, 'none')
FROM told WHERE name IN ('version', 'size')
    AND (told_lo::BIGINT, told_hi::BIGINT) IS DISTINCT FROM (lo, hi);

-- Milliseconds; rounded outwards, by less than one.
INSERT INTO problems
SELECT 'stats', place, name || ': bounds ' || coalesce(told_lo, 'none')
    || ' and ' || coalesce(told_hi, 'none')
FROM told WHERE name IN ('time', 'min_time', 'max_time') AND (
    NOT regexp_full_match(told_lo, '.*\.\d{3}Z')
    OR NOT regexp_full_match(told_hi, '.*\.\d{3}Z')
    OR lo - epoch_us(told_lo::TIMESTAMPTZ) NOT BETWEEN 0 AND 999
    OR epoch_us(told_hi::TIMESTAMPTZ) - hi NOT BETWEEN 0 AND 999);

SELECT rule, place, what FROM problems ORDER BY ALL;
