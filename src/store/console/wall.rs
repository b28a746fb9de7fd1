//! A column of milliseconds read as a time.

use sqlx::error::BoxDynError;
use sqlx::sqlite::{Sqlite, SqliteTypeInfo, SqliteValueRef};

use crate::moment::Wall;

impl sqlx::Type<Sqlite> for Wall {
    fn type_info() -> SqliteTypeInfo {
        <i64 as sqlx::Type<Sqlite>>::type_info()
    }

    fn compatible(column: &SqliteTypeInfo) -> bool {
        <i64 as sqlx::Type<Sqlite>>::compatible(column)
    }
}

impl sqlx::Decode<'_, Sqlite> for Wall {
    fn decode(value: SqliteValueRef<'_>) -> Result<Self, BoxDynError> {
        Ok(Self::from_millis(<i64 as sqlx::Decode<'_, Sqlite>>::decode(value)?))
    }
}
