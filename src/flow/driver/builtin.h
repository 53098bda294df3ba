/* The drivers that come with Tarn, each in the file of its name. */
#ifndef TARN_FLOW_DRIVER_BUILTIN_H
#define TARN_FLOW_DRIVER_BUILTIN_H

#include <tarn/driver.h>

extern const tarn_driver tarn__driver_sql, tarn__driver_file;
extern const tarn_driver tarn__driver_csv, tarn__driver_json;
extern const tarn_driver tarn__driver_parquet;
extern const tarn_driver tarn__driver_lake_extractor;
extern const tarn_driver tarn__driver_lake_writer;
extern const tarn_driver tarn__driver_graphql_extractor;
extern const tarn_driver tarn__driver_http_extractor;
extern const tarn_driver tarn__driver_http_writer;
extern const tarn_driver tarn__driver_mysql_extractor;
extern const tarn_driver tarn__driver_mysql_writer;
extern const tarn_driver tarn__driver_object_extractor;
extern const tarn_driver tarn__driver_object_transform;
extern const tarn_driver tarn__driver_object_writer;
extern const tarn_driver tarn__driver_postgres_extractor;
extern const tarn_driver tarn__driver_postgres_writer;
extern const tarn_driver tarn__driver_program_extractor;
extern const tarn_driver tarn__driver_program_transform;
extern const tarn_driver tarn__driver_program_writer;
extern const tarn_driver tarn__driver_sqlite_extractor;
extern const tarn_driver tarn__driver_sqlite_writer;

#endif
