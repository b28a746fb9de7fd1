//! A time in JSON: RFC 3339 in UTC with milliseconds.

use chrono::{DateTime, SecondsFormat};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};

use crate::moment::Wall;

/// A time as it is sent and taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) struct Instant(pub(in crate::http) Wall);

impl From<Wall> for Instant {
    fn from(wall: Wall) -> Self {
        Self(wall)
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let at = DateTime::from_timestamp_millis(self.0.millis()).unwrap_or_default();
        serializer.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        DateTime::parse_from_rfc3339(&text)
            .map(|at| Self(Wall::from_millis(at.timestamp_millis())))
            .map_err(|_| serde::de::Error::custom("expected a time such as 2026-11-22T10:30:00.000Z"))
    }
}

impl utoipa::PartialSchema for Instant {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .into()
    }
}

impl utoipa::ToSchema for Instant {}

#[cfg(test)]
mod tests {
    use super::Instant;
    use crate::moment::Wall;

    #[test]
    fn a_time_is_sent_in_utc_and_taken_in_any_zone() {
        let at = Instant(Wall::from_millis(1_751_331_600_007));
        assert_eq!(serde_json::to_string(&at).unwrap(), "\"2025-07-01T01:00:00.007Z\"");
        let taken: Instant = serde_json::from_str("\"2025-07-01T09:00:00.007+08:00\"").unwrap();
        assert_eq!(taken, at);
        assert!(serde_json::from_str::<Instant>("\"tomorrow\"").is_err());
    }
}
