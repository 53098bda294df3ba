/* ADBC's C ABI, revisions 1.0.0 and 1.1.0, as the Arrow project publishes it
 * (https://arrow.apache.org/adbc/current/format/specification.html and adbc.h
 * there): what a driver's init function fills, in its order.  Functions that we
 * do not call are pointers without a type.  The guard is adbc.h's own. */
#ifndef TARN_FLOW_DRIVER_ADBC_H
#define TARN_FLOW_DRIVER_ADBC_H

#include <stddef.h>

#include <tarn/arrow.h>

#ifndef ADBC
#define ADBC

#define ADBC_VERSION_1_0_0 1000000
#define ADBC_VERSION_1_1_0 1001000

typedef uint8_t AdbcStatusCode;
#define ADBC_STATUS_OK 0
#define ADBC_STATUS_UNKNOWN 1
#define ADBC_STATUS_NOT_IMPLEMENTED 2
#define ADBC_STATUS_NOT_FOUND 3
#define ADBC_STATUS_ALREADY_EXISTS 4
#define ADBC_STATUS_INVALID_ARGUMENT 5
#define ADBC_STATUS_INVALID_STATE 6
#define ADBC_STATUS_INVALID_DATA 7
#define ADBC_STATUS_INTEGRITY 8
#define ADBC_STATUS_INTERNAL 9
#define ADBC_STATUS_IO 10
#define ADBC_STATUS_CANCELLED 11
#define ADBC_STATUS_TIMEOUT 12
#define ADBC_STATUS_UNAUTHENTICATED 13
#define ADBC_STATUS_UNAUTHORIZED 14

#define ADBC_INFO_VENDOR_NAME 0

struct AdbcDriver;

struct AdbcError {
    char *message;
    int32_t vendor_code;
    char sqlstate[5];
    void (*release)(struct AdbcError *error);
    /* Of 1.1.0. */
    void *private_data;
    struct AdbcDriver *private_driver;
};

struct AdbcDatabase {
    void *private_data;
    struct AdbcDriver *private_driver;
};

struct AdbcConnection {
    void *private_data;
    struct AdbcDriver *private_driver;
};

struct AdbcStatement {
    void *private_data;
    struct AdbcDriver *private_driver;
};

struct AdbcDriver {
    void *private_data;
    void *private_manager;
    AdbcStatusCode (*release)(struct AdbcDriver *, struct AdbcError *);

    AdbcStatusCode (*DatabaseInit)(struct AdbcDatabase *, struct AdbcError *);
    AdbcStatusCode (*DatabaseNew)(struct AdbcDatabase *, struct AdbcError *);
    AdbcStatusCode (*DatabaseSetOption)(
        struct AdbcDatabase *, const char *, const char *, struct AdbcError *);
    AdbcStatusCode (*DatabaseRelease)(
        struct AdbcDatabase *, struct AdbcError *);

    void (*ConnectionCommit)(void);
    AdbcStatusCode (*ConnectionGetInfo)(struct AdbcConnection *,
        const uint32_t *, size_t, struct ArrowArrayStream *,
        struct AdbcError *);
    void (*ConnectionGetObjects)(void);
    void (*ConnectionGetTableSchema)(void);
    void (*ConnectionGetTableTypes)(void);
    AdbcStatusCode (*ConnectionInit)(
        struct AdbcConnection *, struct AdbcDatabase *, struct AdbcError *);
    AdbcStatusCode (*ConnectionNew)(
        struct AdbcConnection *, struct AdbcError *);
    AdbcStatusCode (*ConnectionSetOption)(struct AdbcConnection *, const char *,
        const char *, struct AdbcError *);
    void (*ConnectionReadPartition)(void);
    AdbcStatusCode (*ConnectionRelease)(
        struct AdbcConnection *, struct AdbcError *);
    void (*ConnectionRollback)(void);

    AdbcStatusCode (*StatementBind)(struct AdbcStatement *, struct ArrowArray *,
        struct ArrowSchema *, struct AdbcError *);
    AdbcStatusCode (*StatementBindStream)(
        struct AdbcStatement *, struct ArrowArrayStream *, struct AdbcError *);
    AdbcStatusCode (*StatementExecuteQuery)(struct AdbcStatement *,
        struct ArrowArrayStream *, int64_t *, struct AdbcError *);
    void (*StatementExecutePartitions)(void);
    void (*StatementGetParameterSchema)(void);
    AdbcStatusCode (*StatementNew)(
        struct AdbcConnection *, struct AdbcStatement *, struct AdbcError *);
    AdbcStatusCode (*StatementPrepare)(
        struct AdbcStatement *, struct AdbcError *);
    AdbcStatusCode (*StatementRelease)(
        struct AdbcStatement *, struct AdbcError *);
    AdbcStatusCode (*StatementSetOption)(
        struct AdbcStatement *, const char *, const char *, struct AdbcError *);
    AdbcStatusCode (*StatementSetSqlQuery)(
        struct AdbcStatement *, const char *, struct AdbcError *);
    void (*StatementSetSubstraitPlan)(void);

    /* Of 1.1.0; a driver of 1.0.0 leaves them alone. */
    void (*ErrorGetDetailCount)(void);
    void (*ErrorGetDetail)(void);
    void (*ErrorFromArrayStream)(void);

    void (*DatabaseGetOption)(void);
    void (*DatabaseGetOptionBytes)(void);
    void (*DatabaseGetOptionDouble)(void);
    void (*DatabaseGetOptionInt)(void);
    void (*DatabaseSetOptionBytes)(void);
    void (*DatabaseSetOptionDouble)(void);
    void (*DatabaseSetOptionInt)(void);

    AdbcStatusCode (*ConnectionCancel)(
        struct AdbcConnection *, struct AdbcError *);
    void (*ConnectionGetOption)(void);
    void (*ConnectionGetOptionBytes)(void);
    void (*ConnectionGetOptionDouble)(void);
    void (*ConnectionGetOptionInt)(void);
    void (*ConnectionGetStatistics)(void);
    void (*ConnectionGetStatisticNames)(void);
    void (*ConnectionSetOptionBytes)(void);
    void (*ConnectionSetOptionDouble)(void);
    void (*ConnectionSetOptionInt)(void);

    AdbcStatusCode (*StatementCancel)(
        struct AdbcStatement *, struct AdbcError *);
    void (*StatementExecuteSchema)(void);
    void (*StatementGetOption)(void);
    void (*StatementGetOptionBytes)(void);
    void (*StatementGetOptionDouble)(void);
    void (*StatementGetOptionInt)(void);
    void (*StatementSetOptionBytes)(void);
    void (*StatementSetOptionDouble)(void);
    void (*StatementSetOptionInt)(void);
};

/* A driver's entry point. */
typedef AdbcStatusCode (*AdbcDriverInitFunc)(
    int version, void *driver, struct AdbcError *error);

#endif
#endif
